/* model_request.c - reading the neutral form. */
#include "chat/model_request.h"

bool th_block_is(th_json_value_t block, const char *type) {
    th_slice_t word;
    return th_json_string(th_json_member(block, "type"), &word) && th_slice_is(word, type);
}

th_slice_t th_block_text(th_json_value_t block, const char *member) {
    th_slice_t text = TH_SLICE("");
    (void)th_json_string(th_json_member(block, member), &text);
    return text;
}

bool th_text_is_blank(th_slice_t text) {
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] != ' ' && (text.data[i] < '\t' || text.data[i] > '\r')) return false;
    return true;
}

bool th_message_is(th_json_value_t message, const char *role) {
    return th_slice_is(th_block_text(message, "role"), role);
}

bool th_message_has(th_json_value_t message, const char *type) {
    for (th_json_iterator_t it = th_json_iterate(th_json_member(message, "content"));
         th_json_next(&it);)
        if (th_block_is(it.value, type)) return true;
    return false;
}

bool th_history_has_tools(th_json_value_t history) {
    for (th_json_iterator_t it = th_json_iterate(history); th_json_next(&it);)
        if (th_message_has(it.value, "tool_use") || th_message_has(it.value, "tool_result"))
            return true;
    return false;
}
