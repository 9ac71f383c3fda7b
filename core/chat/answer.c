/* answer.c - collects blocks, checks tool inputs, writes the neutral form. */
#include "chat/answer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "json/writer.h"

void th_answer_init(th_answer_t *answer, size_t text_bytes, size_t input_bytes) {
    *answer = (th_answer_t){.text_bytes = text_bytes, .input_bytes = input_bytes};
}

void th_answer_reset(th_answer_t *answer) {
    for (size_t i = 0; i < answer->count; i++) {
        th_buffer_reset(&answer->blocks[i].text);
        th_buffer_reset(&answer->blocks[i].extra);
    }
    free(answer->blocks);
    th_answer_init(answer, answer->text_bytes, answer->input_bytes);
}

static bool grow(th_answer_t *answer) {
    if (answer->count < answer->capacity) return true;
    if (answer->count >= TH_ANSWER_BLOCKS_MAX) return false;
    size_t capacity = answer->capacity ? answer->capacity * 2 : 4;
    th_answer_block_t *blocks = realloc(answer->blocks, capacity * sizeof *blocks);
    if (!blocks) return false;
    answer->blocks = blocks;
    answer->capacity = capacity;
    return true;
}

th_answer_block_t *th_answer_open(th_answer_t *answer, th_block_kind_t kind, int64_t key) {
    if (!grow(answer)) return NULL;
    th_answer_block_t *block = &answer->blocks[answer->count++];
    *block = (th_answer_block_t){.kind = kind, .key = key};
    th_buffer_init(&block->text, kind == TH_BLOCK_TOOL ? answer->input_bytes : answer->text_bytes);
    th_buffer_init(&block->extra, kind == TH_BLOCK_TOOL ? TH_ANSWER_NAME_MAX : answer->text_bytes);
    return block;
}

th_answer_block_t *th_answer_find(th_answer_t *answer, int64_t key) {
    for (size_t i = answer->count; i > 0; i--)
        if (answer->blocks[i - 1].key == key) return &answer->blocks[i - 1];
    return NULL;
}

bool th_answer_add(th_answer_block_t *block, th_slice_t piece) {
    if (block->too_large || block->kind == TH_BLOCK_IGNORED) return true;
    if (th_buffer_add_slice(&block->text, piece)) return true;
    block->too_large = true;
    return block->kind == TH_BLOCK_TOOL; /* the call is unusable; the answer goes on */
}

bool th_answer_has_tools(const th_answer_t *answer) {
    for (size_t i = 0; i < answer->count; i++)
        if (answer->blocks[i].kind == TH_BLOCK_TOOL) return true;
    return false;
}

/* ---- settling ---- */

static bool id_is_usable(const th_answer_t *answer, size_t index) {
    const char *id = answer->blocks[index].id;
    if (!*id) return false;
    for (const char *at = id; *at; at++) {
        bool allowed = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                       (*at >= '0' && *at <= '9') || *at == '_' || *at == '-';
        if (!allowed) return false;
    }
    for (size_t i = 0; i < index; i++)
        if (answer->blocks[i].kind == TH_BLOCK_TOOL && strcmp(answer->blocks[i].id, id) == 0)
            return false;
    return true;
}

static bool is_blank(th_slice_t text) {
    for (size_t i = 0; i < text.length; i++)
        if (!strchr(" \t\r\n", text.data[i]) || !text.data[i]) return false;
    return true;
}

static void check_input(th_answer_block_t *block, size_t bound, th_json_parser_t *parser) {
    th_error_t *why = &block->unusable;
    if (block->too_large) {
        th_error_set(why, "too_large", "the arguments are longer than %zu bytes", bound);
        return;
    }
    if (!block->closed) {
        th_error_set(why, "bad_json", "the arguments were cut off");
        return;
    }
    if (is_blank(th_buffer_slice(&block->text))) return; /* no arguments: {} */
    const th_json_limits_t limits = {
        .bytes = bound, .depth = TH_ANSWER_INPUT_DEPTH, .nodes = 100000, .refuse_duplicates = true};
    th_error_t problem = {0};
    th_json_document_t *document =
        th_json_parse(parser, th_buffer_slice(&block->text), &limits, &problem);
    if (!document)
        th_error_set(why, problem.code, "the arguments are not JSON that can be used: %s",
                     problem.message);
    else if (!th_json_is_object(th_json_root(document)))
        th_error_set(why, "bad_json", "the arguments must be an object, not %s",
                     th_json_type_name(th_json_type(th_json_root(document))));
    th_json_unref(document);
}

void th_answer_settle(th_answer_t *answer, th_json_parser_t *parser) {
    for (size_t i = 0; i < answer->count; i++) {
        th_answer_block_t *block = &answer->blocks[i];
        if (block->kind != TH_BLOCK_TOOL) continue;
        if (!id_is_usable(answer, i)) {
            char fresh[TH_ID_SIZE];
            th_random_id(fresh);
            (void)snprintf(block->id, sizeof block->id, "call_%s", fresh);
        }
        if (block->extra.length == 0)
            th_error_set(&block->unusable, "bad_call", "the call does not name a tool");
        else
            check_input(block, answer->input_bytes, parser);
        if (block->unusable.code[0] || is_blank(th_buffer_slice(&block->text))) {
            th_buffer_clear(&block->text);
            (void)th_buffer_add_text(&block->text, "{}"); /* fails with no memory: written so */
        }
    }
}

/* ---- writing ---- */

static void write_opaque(th_json_writer_t *writer, const th_answer_block_t *block,
                         const char *provider) {
    th_json_write_object(writer);
    th_json_write_member_text(writer, "type", "opaque");
    th_json_write_member_text(writer, "provider", provider);
    th_json_write_key(writer, TH_SLICE("value"));
    if (block->kind == TH_BLOCK_OPAQUE) {
        th_json_write_raw(writer, th_buffer_slice(&block->text));
    } else {
        th_json_write_object(writer);
        th_json_write_member_text(writer, "type", "thinking");
        th_json_write_member_string(writer, "thinking", th_buffer_slice(&block->text));
        th_json_write_member_string(writer, "signature", th_buffer_slice(&block->extra));
        th_json_write_end(writer);
    }
    th_json_write_end(writer);
}

static void write_tool(th_json_writer_t *writer, const th_answer_block_t *block,
                       const th_tool_names_t *names) {
    th_json_write_object(writer);
    th_json_write_member_text(writer, "type", "tool_use");
    th_json_write_member_text(writer, "id", block->id);
    th_json_write_member_string(writer, "name",
                                th_tool_name_restore(names, th_buffer_slice(&block->extra)));
    th_json_write_key(writer, TH_SLICE("input"));
    th_json_write_raw(writer, th_buffer_slice(&block->text));
    th_json_write_end(writer);
}

static void write_block(th_json_writer_t *writer, const th_answer_block_t *block,
                        const char *provider, const th_tool_names_t *names, bool with_tools) {
    switch (block->kind) {
    case TH_BLOCK_TEXT:
        if (is_blank(th_buffer_slice(&block->text))) return; /* refused when it is sent back */
        th_json_write_object(writer);
        th_json_write_member_text(writer, "type", "text");
        th_json_write_member_string(writer, "text", th_buffer_slice(&block->text));
        th_json_write_end(writer);
        return;
    case TH_BLOCK_TOOL:
        if (with_tools) write_tool(writer, block, names);
        return;
    case TH_BLOCK_THINKING: /* a provider refuses one that is not as it signed it */
        if (block->closed && block->extra.length > 0) write_opaque(writer, block, provider);
        return;
    case TH_BLOCK_OPAQUE: write_opaque(writer, block, provider); return;
    case TH_BLOCK_IGNORED: return;
    }
}

bool th_answer_write(const th_answer_t *answer, const char *provider, const th_tool_names_t *names,
                     bool with_tools, th_buffer_t *out, th_error_t *error) {
    th_json_writer_t writer;
    th_json_writer_init(&writer, out, 0);
    th_json_write_array(&writer);
    for (size_t i = 0; i < answer->count; i++)
        write_block(&writer, &answer->blocks[i], provider, names, with_tools);
    th_json_write_end(&writer);
    return th_json_writer_finish(&writer, error);
}
