/* protocol.c - reads client messages against the built-in schema. */
#include "chat/protocol.h"

#include <stdio.h>
#include <stdlib.h>

#include "json/schema.h"
#include "json/writer.h"

#define DEFINITIONS_MAX ((size_t)256 * 1024)

static const char *const type_names[TH_CHAT_MESSAGE_TYPES] = {
    [TH_CHAT_AUTH] = "auth",     [TH_CHAT_ASK] = "ask",           [TH_CHAT_APPROVE] = "approve",
    [TH_CHAT_DENY] = "deny",     [TH_CHAT_REPLY] = "reply",       [TH_CHAT_CANCEL] = "cancel",
    [TH_CHAT_CALL] = "call",     [TH_CHAT_TOOLS] = "tools",       [TH_CHAT_HISTORY] = "history",
    [TH_CHAT_FORGET] = "forget", [TH_CHAT_SETTINGS] = "settings", [TH_CHAT_SIGN_OUT] = "sign_out",
};

struct th_chat_protocol {
    th_schema_t *schemas[TH_CHAT_MESSAGE_TYPES];
};

/* { "$ref": the message's definition, "$defs": it and what it may refer to }: a schema of its own
 * for each type, so that what is wrong is said about that type and not about twelve. */
static bool write_one(th_json_value_t definitions, const char *type, th_buffer_t *out,
                      th_error_t *error) {
    static const char *const shared[] = {"id", "turn", "call", "key", "digest"};
    char name[32], reference[64];
    (void)snprintf(name, sizeof name, "client_%s", type);
    (void)snprintf(reference, sizeof reference, "#/$defs/%s", name);
    th_json_writer_t writer;
    th_json_writer_init(&writer, out, 0);
    th_json_write_object(&writer);
    th_json_write_member_text(&writer, "$ref", reference);
    th_json_write_key(&writer, TH_SLICE("$defs"));
    th_json_write_object(&writer);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        th_json_write_member_value(&writer, shared[i], th_json_member(definitions, shared[i]));
    th_json_write_member_value(&writer, name, th_json_member(definitions, name));
    th_json_write_end(&writer);
    th_json_write_end(&writer);
    return th_json_writer_finish(&writer, error);
}

static th_schema_t *compile_one(th_json_parser_t *parser, th_json_value_t definitions,
                                const char *type, th_error_t *error) {
    th_buffer_t text;
    th_buffer_init(&text, DEFINITIONS_MAX);
    th_json_document_t *document = NULL;
    if (write_one(definitions, type, &text, error))
        document = th_json_parse(parser, th_buffer_slice(&text), &th_json_limits_answer, error);
    th_schema_t *schema = document ? th_schema_compile(th_json_root(document), error) : NULL;
    th_json_unref(document); /* the schema has its own reference */
    th_buffer_reset(&text);
    return schema;
}

th_chat_protocol_t *th_chat_protocol_open(th_error_t *error) {
    th_chat_protocol_t *protocol = calloc(1, sizeof *protocol);
    th_json_parser_t *parser = th_json_parser_new();
    th_json_document_t *document =
        protocol && parser
            ? th_json_parse(parser, th_chat_protocol_schema, &th_json_limits_answer, error)
            : NULL;
    if (!protocol || !parser) th_error_set(error, "no_memory", "no memory for the chat");
    th_json_value_t definitions = th_json_member(th_json_root(document), "$defs");
    bool fine = document != NULL;
    for (size_t i = 0; fine && i < TH_CHAT_MESSAGE_TYPES; i++) {
        protocol->schemas[i] = compile_one(parser, definitions, type_names[i], error);
        fine = protocol->schemas[i] != NULL;
    }
    th_json_unref(document);
    if (parser) th_json_parser_free(parser);
    if (fine) return protocol;
    th_chat_protocol_close(protocol);
    return NULL;
}

void th_chat_protocol_close(th_chat_protocol_t *protocol) {
    if (!protocol) return;
    for (size_t i = 0; i < TH_CHAT_MESSAGE_TYPES; i++)
        th_schema_free(protocol->schemas[i]);
    free(protocol);
}

/* --- reading --------------------------------------------------------------------------------- */

static bool find_type(th_json_value_t root, th_chat_message_type_t *type, th_error_t *error) {
    th_slice_t name;
    if (!th_json_string(th_json_member(root, "type"), &name))
        return th_error_set(error, "bad_message",
                            "A message is an object with a `type`, such as {\"type\":\"tools\"}.");
    for (size_t i = 0; i < TH_CHAT_MESSAGE_TYPES; i++) {
        if (!th_slice_is(name, type_names[i])) continue;
        *type = (th_chat_message_type_t)i;
        return true;
    }
    return th_error_set(error, "unknown_type",
                        "There is no message of that type. The types are auth, ask, approve, deny, "
                        "reply, cancel, call, tools, history, forget, settings and sign_out.");
}

/* Paths and rules, never values: a credential may be among them. */
static bool refuse(const th_schema_t *schema, th_json_value_t root, const char *type,
                   th_error_t *error) {
    th_schema_report_t report = {0};
    (void)th_schema_validate(schema, root, &report);
    const th_schema_error_t *first = &report.errors[0];
    if (report.count == 0)
        return th_error_set(error, "bad_message", "This `%s` takes too long to check.", type);
    if (strcmp(type, "auth") == 0)
        return th_error_set(error, "bad_message",
                            "`auth` takes api_key, org_id, resume, after and join; %s breaks the "
                            "rule `%s`.",
                            first->instance_path[0] ? first->instance_path + 1 : "the message",
                            first->keyword);
    return th_error_set(error, "bad_message", "`%s`: %s%s%s", type,
                        first->instance_path[0] ? first->instance_path + 1 : "",
                        first->instance_path[0] ? ": " : "", first->message);
}

/* A usable id, whatever else is wrong, so that the error finds its question. */
static th_slice_t id_of(th_json_value_t root) {
    th_slice_t id = {NULL, 0};
    if (!th_json_string(th_json_member(root, "id"), &id) || id.length > 64)
        return th_slice(NULL, 0);
    return id;
}

bool th_chat_message_read(const th_chat_protocol_t *protocol, th_json_parser_t *parser,
                          th_slice_t text, th_chat_message_t *message, th_error_t *error) {
    *message = (th_chat_message_t){.root = th_json_absent()};
    message->document = th_json_parse(parser, text, &th_json_limits_request, error);
    if (!message->document) return false;
    message->root = th_json_root(message->document);
    message->id = id_of(message->root);
    if (!find_type(message->root, &message->type, error)) return false;
    const th_schema_t *schema = protocol->schemas[message->type];
    if (th_schema_validate(schema, message->root, NULL)) return true;
    return refuse(schema, message->root, type_names[message->type], error);
}

void th_chat_message_free(th_chat_message_t *message) {
    th_json_unref(message->document);
    message->document = NULL;
    message->root = th_json_absent();
}
