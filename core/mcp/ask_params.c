/* ask_params.c - forms, links and samplings for older revisions. */
#include "mcp/ask_params.h"

#include "base/random.h"
#include "mcp/content.h"

static void give_up(th_json_writer_t *writer, th_error_t *error, const char *sentence) {
    th_error_set(error, "cannot_ask", "%s", sentence);
    if (!writer->failure) writer->failure = "cannot_ask";
}

/* oneOf [{const, title}] as enum and enumNames. */
static void write_titled(th_json_writer_t *writer, th_json_value_t choices) {
    static const char *const members[][2] = {{"enum", "const"}, {"enumNames", "title"}};

    for (size_t i = 0; i < 2; i++) {
        th_json_iterator_t each = th_json_iterate(choices);
        th_json_write_key(writer, th_slice_of(members[i][0]));
        th_json_write_array(writer);
        while (th_json_next(&each))
            th_json_write_value(writer, th_json_member(each.value, members[i][1]));
        th_json_write_end(writer);
    }
}

/* 2025-06-18: no defaults but of booleans, titled choices by enumNames, no lists. */
static void write_old_property(th_json_writer_t *writer, th_json_value_t property,
                               th_error_t *error) {
    th_json_iterator_t each = th_json_iterate(property);
    th_slice_t type = {NULL, 0};

    th_json_string(th_json_member(property, "type"), &type);
    if (th_slice_is(type, "array"))
        give_up(writer, error,
                "The client's protocol revision (2025-06-18) has no list of choices in forms.");
    th_json_write_object(writer);
    while (th_json_next(&each)) {
        if (th_slice_is(each.key, "default") && !th_slice_is(type, "boolean")) continue;
        if (th_slice_is(each.key, "oneOf")) {
            write_titled(writer, each.value);
            continue;
        }
        th_json_write_key(writer, each.key);
        th_json_write_value(writer, each.value);
    }
    th_json_write_end(writer);
}

static void write_old_schema(th_json_writer_t *writer, th_json_value_t schema, th_error_t *error) {
    th_json_iterator_t each = th_json_iterate(schema);

    th_json_write_object(writer);
    while (th_json_next(&each)) {
        if (th_slice_is(each.key, "$schema")) continue;
        th_json_write_key(writer, each.key);
        if (!th_slice_is(each.key, "properties")) {
            th_json_write_value(writer, each.value);
            continue;
        }
        th_json_iterator_t property = th_json_iterate(each.value);
        th_json_write_object(writer);
        while (th_json_next(&property)) {
            th_json_write_key(writer, property.key);
            write_old_property(writer, property.value, error);
        }
        th_json_write_end(writer);
    }
    th_json_write_end(writer);
}

/* Before 2025-11-25 a message holds one block. */
static void write_old_message(th_json_writer_t *writer, const th_revision_t *revision,
                              th_json_value_t message) {
    th_json_value_t content = th_json_member(message, "content");

    th_json_write_object(writer);
    th_json_write_member_value(writer, "role", th_json_member(message, "role"));
    th_json_write_key(writer, TH_SLICE("content"));
    if (th_json_is_array(content)) content = th_json_at(content, 0);
    th_content_write_block(writer, revision, content);
    th_json_write_end(writer);
}

static void write_old_sampling(th_json_writer_t *writer, const th_revision_t *revision,
                               th_json_value_t params) {
    th_json_iterator_t each = th_json_iterate(params);

    th_json_write_object(writer);
    while (th_json_next(&each)) {
        if (th_slice_is(each.key, "tools") || th_slice_is(each.key, "toolChoice")) continue;
        th_json_write_key(writer, each.key);
        if (!th_slice_is(each.key, "messages")) {
            th_json_write_value(writer, each.value);
            continue;
        }
        th_json_iterator_t message = th_json_iterate(each.value);
        th_json_write_array(writer);
        while (th_json_next(&message))
            write_old_message(writer, revision, message.value);
        th_json_write_end(writer);
    }
    th_json_write_end(writer);
}

static void write_old_form(th_json_writer_t *writer, th_json_value_t params, th_error_t *error) {
    th_json_write_object(writer);
    th_json_write_member_value(writer, "message", th_json_member(params, "message"));
    th_json_write_key(writer, TH_SLICE("requestedSchema"));
    write_old_schema(writer, th_json_member(params, "requestedSchema"), error);
    th_json_write_end(writer);
}

/* 2025-11-25 names each link, so that it could be reported as done. */
static void write_link(th_json_writer_t *writer, th_json_value_t params) {
    th_json_iterator_t each = th_json_iterate(params);
    char id[TH_ID_SIZE];

    th_random_id(id);
    th_json_write_object(writer);
    while (th_json_next(&each)) {
        th_json_write_key(writer, each.key);
        th_json_write_value(writer, each.value);
    }
    th_json_write_member_text(writer, "elicitationId", id);
    th_json_write_end(writer);
}

void th_ask_write_params(th_json_writer_t *writer, const th_revision_t *revision,
                         th_json_parser_t *parser, const th_question_t *question,
                         th_error_t *error) {
    bool as_it_is = revision->modern || question->kind == TH_ASK_ROOTS ||
                    (question->kind == TH_ASK_FORM && revision->elicitation_url) ||
                    (question->kind == TH_ASK_SAMPLE && revision->sampling_tools);
    th_json_document_t *document;

    if (as_it_is) {
        th_json_write_raw(writer, question->params);
        return;
    }
    document = th_json_parse(parser, question->params, &th_json_limits_answer, error);
    if (!document) {
        writer->failure = "too_large";
        return;
    }
    th_json_value_t params = th_json_root(document);
    if (question->kind == TH_ASK_FORM)
        write_old_form(writer, params, error);
    else if (question->kind == TH_ASK_URL)
        write_link(writer, params);
    else
        write_old_sampling(writer, revision, params);
    th_json_unref(document);
}
