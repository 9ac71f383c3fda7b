/* tool_names.c - the mapping and its inverse, a table of this request's tools. */
#include "chat/tool_names.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"

#define TOOLS_MAX 4096
#define MARK_LENGTH 9 /* "_" and eight hex digits */

struct th_tool_names {
    th_table_t *own; /* mapped name -> own name, a NUL-terminated text inside <texts> */
    char *texts;     /* owned: all own names, one behind the other */
};

static bool is_allowed(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '-';
}

static bool fits(th_slice_t name) {
    if (name.length == 0 || name.length > TH_TOOL_NAME_MAX) return false;
    for (size_t i = 0; i < name.length; i++)
        if (!is_allowed(name.data[i])) return false;
    return true;
}

void th_tool_name_map(th_slice_t name, char out[static TH_TOOL_NAME_MAX + 1]) {
    size_t most = TH_TOOL_NAME_MAX;
    bool marked = !fits(name);
    if (marked) most -= MARK_LENGTH;
    size_t length = name.length < most ? name.length : most;
    for (size_t i = 0; i < length; i++)
        out[i] = is_allowed(name.data[i]) ? name.data[i] : '_';
    out[length] = '\0';
    if (!marked) return;
    char hex[TH_DIGEST_HEX_SIZE];
    th_digest_t digest = th_hash_parts(NULL, &name, 1);
    th_digest_hex(&digest, hex);
    (void)snprintf(out + length, MARK_LENGTH + 1, "_%.8s", hex);
}

static bool add(th_tool_names_t *names, th_slice_t name, char **place, th_error_t *error) {
    char mapped[TH_TOOL_NAME_MAX + 1];
    th_tool_name_map(name, mapped);
    const char *other = th_table_get(names->own, th_slice_of(mapped));
    if (other)
        return th_error_set(error, "name_clash",
                            "the tools \"%.100s\" and \"%.*s\" would have the same name, %s, for "
                            "the model; rename one of them",
                            other, (int)(name.length < 100 ? name.length : 100), name.data, mapped);
    memcpy(*place, name.data, name.length);
    (*place)[name.length] = '\0';
    if (!th_table_put(names->own, th_slice_of(mapped), *place))
        return th_error_set(error, "bad_tools", "there are more than %d tools", TOOLS_MAX);
    *place += name.length + 1;
    return true;
}

static bool name_of(th_json_value_t tool, th_slice_t *name, th_error_t *error) {
    bool there = th_json_string(th_json_member(tool, "name"), name) && name->length > 0 &&
                 !memchr(name->data, '\0', name->length);
    return there || th_error_set(error, "bad_tools", "a tool has no name");
}

static bool fill(th_tool_names_t *names, th_json_value_t tools, th_error_t *error) {
    size_t size = 1;
    th_slice_t name;
    for (th_json_iterator_t it = th_json_iterate(tools); th_json_next(&it);) {
        if (!name_of(it.value, &name, error)) return false;
        size += name.length + 1;
    }
    names->own = th_table_new(TOOLS_MAX);
    names->texts = malloc(size);
    if (!names->own || !names->texts)
        return th_error_set(error, "no_memory", "no memory for the tools' names");
    char *place = names->texts;
    for (th_json_iterator_t it = th_json_iterate(tools); th_json_next(&it);)
        if (!name_of(it.value, &name, error) || !add(names, name, &place, error)) return false;
    return true;
}

th_tool_names_t *th_tool_names_new(th_json_value_t tools, th_error_t *error) {
    th_tool_names_t *names = calloc(1, sizeof *names);
    if (!names) {
        th_error_set(error, "no_memory", "no memory for the tools' names");
        return NULL;
    }
    if (fill(names, tools, error)) return names;
    th_tool_names_free(names);
    return NULL;
}

void th_tool_names_free(th_tool_names_t *names) {
    if (!names) return;
    th_table_free(names->own);
    free(names->texts);
    free(names);
}

th_slice_t th_tool_name_restore(const th_tool_names_t *names, th_slice_t mapped) {
    const char *own = th_table_get(names->own, mapped);
    return own ? th_slice_of(own) : mapped;
}
