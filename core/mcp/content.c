/* content.c - content blocks by revision: requirements.md a, "Type/field availability". */
#include "mcp/content.h"

#include <stdio.h>

static th_slice_t text_of(th_json_value_t object, const char *key) {
    th_slice_t text = {NULL, 0};

    th_json_string(th_json_member(object, key), &text);
    return text;
}

static void write_text_block(th_json_writer_t *writer, const char *before, th_slice_t a,
                             const char *between, th_slice_t b) {
    char text[1024];
    int length = snprintf(text, sizeof text, "%s%.*s%s%.*s", before,
                          (int)(a.length > 300 ? 0 : a.length), a.data ? a.data : "", between,
                          (int)(b.length > 600 ? 0 : b.length), b.data ? b.data : "");

    th_json_write_object(writer);
    th_json_write_member_text(writer, "type", "text");
    th_json_write_member_string(writer, "text", th_slice(text, (size_t)length));
    th_json_write_end(writer);
}

/* `_meta`, titles and annotations.lastModified came with 2025-06-18, icons with 2025-11-25. */
static void write_known_members(th_json_writer_t *writer, const th_revision_t *revision,
                                th_json_value_t block) {
    th_json_iterator_t each = th_json_iterate(block);

    th_json_write_object(writer);
    while (th_json_next(&each)) {
        if (th_slice_is(each.key, "icons") && !revision->icons) continue;
        if (!revision->resource_link &&
            (th_slice_is(each.key, "_meta") || th_slice_is(each.key, "title")))
            continue;
        th_json_write_key(writer, each.key);
        if (revision->resource_link ||
            (!th_slice_is(each.key, "annotations") && !th_slice_is(each.key, "resource"))) {
            th_json_write_value(writer, each.value);
            continue;
        }
        th_json_iterator_t inner = th_json_iterate(each.value);
        th_json_write_object(writer);
        while (th_json_next(&inner)) {
            if (th_slice_is(inner.key, "_meta") || th_slice_is(inner.key, "lastModified")) continue;
            th_json_write_key(writer, inner.key);
            th_json_write_value(writer, inner.value);
        }
        th_json_write_end(writer);
    }
    th_json_write_end(writer);
}

void th_content_write_block(th_json_writer_t *writer, const th_revision_t *revision,
                            th_json_value_t block) {
    th_slice_t type = text_of(block, "type");

    if (th_slice_is(type, "audio") && !revision->audio)
        write_text_block(writer, "[audio of type ", text_of(block, "mimeType"),
                         ", which this client's protocol revision cannot carry]",
                         th_slice(NULL, 0));
    else if (th_slice_is(type, "resource_link") && !revision->resource_link)
        write_text_block(writer, "", text_of(block, "name"), ": ", text_of(block, "uri"));
    else if (th_json_is_object(block))
        write_known_members(writer, revision, block);
}

/* The inside of the array's brackets, blanks trimmed. */
static th_slice_t elements_of(th_slice_t array) {
    const char *start = array.data, *end = array.data + array.length;

    while (start < end && (*start == ' ' || *start == '[' || *start == '\n' || *start == '\t')) {
        if (*start++ == '[') break;
    }
    while (end > start && end[-1] != ']')
        end--;
    if (end > start) end--;
    while (start < end && (*start == ' ' || *start == '\n' || *start == '\t' || *start == '\r'))
        start++;
    return th_slice(start, (size_t)(end - start));
}

void th_content_write(th_json_writer_t *writer, const th_revision_t *revision,
                      th_json_parser_t *parser, th_slice_t blocks) {
    if (blocks.length < 2) return;
    if (revision->icons) { /* knows everything: no need to look inside */
        th_slice_t elements = elements_of(blocks);
        if (elements.length) th_json_write_raw(writer, elements);
        return;
    }
    th_json_document_t *document = th_json_parse(parser, blocks, &th_json_limits_answer, NULL);
    th_json_iterator_t each = th_json_iterate(th_json_root(document));
    while (th_json_next(&each))
        th_content_write_block(writer, revision, each.value);
    th_json_unref(document);
}

void th_content_write_messages(th_json_writer_t *writer, const th_revision_t *revision,
                               th_json_parser_t *parser, th_slice_t messages) {
    if (revision->icons) {
        th_json_write_raw(writer, messages);
        return;
    }
    th_json_document_t *document = th_json_parse(parser, messages, &th_json_limits_answer, NULL);
    th_json_iterator_t each = th_json_iterate(th_json_root(document));
    th_json_write_array(writer);
    while (th_json_next(&each)) {
        th_json_write_object(writer);
        th_json_write_member_value(writer, "role", th_json_member(each.value, "role"));
        th_json_write_key(writer, TH_SLICE("content"));
        th_content_write_block(writer, revision, th_json_member(each.value, "content"));
        th_json_write_end(writer);
    }
    th_json_write_end(writer);
    th_json_unref(document);
}

void th_content_write_resources(th_json_writer_t *writer, const th_revision_t *revision,
                                th_json_parser_t *parser, th_slice_t contents) {
    if (revision->resource_link) {
        th_json_write_raw(writer, contents);
        return;
    }
    th_json_document_t *document = th_json_parse(parser, contents, &th_json_limits_answer, NULL);
    th_json_iterator_t each = th_json_iterate(th_json_root(document));
    th_json_write_array(writer);
    while (th_json_next(&each))
        write_known_members(writer, revision, each.value);
    th_json_write_end(writer);
    th_json_unref(document);
}
