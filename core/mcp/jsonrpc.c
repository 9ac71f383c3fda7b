/* jsonrpc.c - sorting what arrived and framing what goes out. */
#include "mcp/jsonrpc.h"

#include <stdarg.h>
#include <stdio.h>

/* Bytes of a client's text that an error message repeats. */
#define SHOWN_MAX 80

/* The longest length <= <length> that does not end inside a UTF-8 sequence. May drop one whole
 * character. */
static size_t cut(const char *text, size_t length) {
    while (length > 0 && ((unsigned char)text[length - 1] & 0xC0) == 0x80)
        length--;
    if (length > 0 && (unsigned char)text[length - 1] >= 0xC0) length--;
    return length;
}

bool th_rpc_fault_set(th_rpc_fault_t *fault, int status, int code, const char *format, ...) {
    char *message = fault->message;
    va_list arguments;

    fault->status = status;
    fault->code = code;
    fault->data[0] = '\0';
    va_start(arguments, format);
    int length = vsnprintf(message, TH_RPC_MESSAGE_SIZE, format, arguments);
    va_end(arguments);
    if (length >= TH_RPC_MESSAGE_SIZE) message[cut(message, TH_RPC_MESSAGE_SIZE - 1)] = '\0';
    return false;
}

int th_rpc_shown(th_slice_t text) {
    return (int)(text.length > SHOWN_MAX ? cut(text.data, SHOWN_MAX) : text.length);
}

/* Strings and integers only; anything else cannot be echoed as the schema of any revision wants it.
 */
static bool id_is_usable(th_json_value_t id) {
    th_slice_t text;

    switch (th_json_type(id)) {
    case TH_JSON_INTEGER:
    case TH_JSON_UNSIGNED: return true;
    case TH_JSON_STRING: return th_json_string(id, &text) && text.length <= TH_RPC_ID_MAX;
    default: return false;
    }
}

static th_rpc_kind_t refuse(th_rpc_message_t *message) {
    message->kind = TH_RPC_INVALID;
    return TH_RPC_INVALID;
}

/* The members beside jsonrpc and id: which kind of message they make. */
static th_rpc_kind_t read_body(th_json_value_t root, bool has_id, th_rpc_message_t *message,
                               th_rpc_fault_t *fault) {
    th_json_value_t method = th_json_member(root, "method");

    if (th_json_type(method) == TH_JSON_ABSENT) {
        if (th_json_type(th_json_member(root, "result")) != TH_JSON_ABSENT ||
            th_json_type(th_json_member(root, "error")) != TH_JSON_ABSENT)
            return message->kind = TH_RPC_RESPONSE;
        th_rpc_fault_set(
            fault, 400, TH_RPC_INVALID_REQUEST,
            "The message has no \"method\"; a request names one, such as \"tools/list\"");
        return refuse(message);
    }
    if (!th_json_string(method, &message->method)) {
        th_rpc_fault_set(fault, 400, TH_RPC_INVALID_REQUEST, "\"method\" must be a string");
        return refuse(message);
    }
    th_json_value_t params = th_json_member(root, "params");
    if (th_json_type(params) != TH_JSON_ABSENT && !th_json_is_object(params)) {
        th_rpc_fault_set(fault, 400, TH_RPC_INVALID_PARAMS,
                         "\"params\" must be an object with named members");
        return refuse(message);
    }
    th_json_value_t meta = th_json_member(params, "_meta");
    if (th_json_type(meta) != TH_JSON_ABSENT && !th_json_is_object(meta)) {
        th_rpc_fault_set(fault, 400, TH_RPC_INVALID_PARAMS, "params._meta must be an object");
        return refuse(message);
    }
    message->params = params;
    message->meta = meta;
    return message->kind = has_id ? TH_RPC_REQUEST : TH_RPC_NOTIFICATION;
}

th_rpc_kind_t th_rpc_read(th_json_value_t root, th_rpc_message_t *message, th_rpc_fault_t *fault) {
    th_slice_t version;

    *message = (th_rpc_message_t){.kind = TH_RPC_INVALID};
    if (th_json_is_array(root)) return message->kind = TH_RPC_BATCH;
    if (!th_json_is_object(root)) {
        th_rpc_fault_set(fault, 400, TH_RPC_INVALID_REQUEST,
                         "A message is a JSON object; this is of type %s",
                         th_json_type_name(th_json_type(root)));
        return TH_RPC_INVALID;
    }
    th_json_value_t id = th_json_member(root, "id");
    bool has_id = th_json_type(id) != TH_JSON_ABSENT;
    if (has_id && id_is_usable(id)) message->id = id;
    if (!th_json_string(th_json_member(root, "jsonrpc"), &version) ||
        !th_slice_is(version, "2.0")) {
        th_rpc_fault_set(fault, 400, TH_RPC_INVALID_REQUEST, "\"jsonrpc\" must be \"2.0\"");
        return TH_RPC_INVALID;
    }
    /* An error response may have a null id; everything else with an unusable one cannot be
     * answered. */
    if (has_id && !message->id.document &&
        th_json_type(th_json_member(root, "method")) != TH_JSON_ABSENT) {
        th_rpc_fault_set(fault, 400, TH_RPC_INVALID_REQUEST,
                         "\"id\" must be an integer or a string of at most %d bytes, not null",
                         TH_RPC_ID_MAX);
        return TH_RPC_INVALID;
    }
    return read_body(root, has_id, message, fault);
}

th_json_document_t *th_rpc_parse(th_json_parser_t *parser, th_slice_t text,
                                 th_rpc_message_t *message, th_rpc_fault_t *fault) {
    th_error_t error = {{0}, {0}};
    th_json_document_t *document = th_json_parse(parser, text, &th_json_limits_request, &error);

    if (document) {
        th_rpc_read(th_json_root(document), message, fault);
        return document;
    }
    *message = (th_rpc_message_t){.kind = TH_RPC_INVALID};
    if (strcmp(error.code, "bad_json") == 0)
        th_rpc_fault_set(fault, 400, TH_RPC_PARSE_ERROR, "Not valid JSON: %s", error.message);
    else if (strcmp(error.code, "too_large") == 0)
        th_rpc_fault_set(fault, 413, TH_RPC_INVALID_REQUEST, "%s", error.message);
    else if (strcmp(error.code, "no_memory") == 0)
        th_rpc_fault_set(fault, 503, TH_RPC_INTERNAL_ERROR, "The host is out of memory; try again");
    else /* duplicate keys, depth: JSON, but not what may be acted upon */
        th_rpc_fault_set(fault, 400, TH_RPC_INVALID_REQUEST, "%s", error.message);
    return NULL;
}

void th_rpc_write_head(th_json_writer_t *writer, th_json_value_t id, bool null_id) {
    th_json_write_object(writer);
    th_json_write_member_text(writer, "jsonrpc", "2.0");
    if (id.document || null_id) th_json_write_member_value(writer, "id", id);
}

bool th_rpc_write_fault(th_buffer_t *out, th_json_value_t id, bool null_id,
                        const th_rpc_fault_t *fault) {
    th_json_writer_t writer;

    th_json_writer_init(&writer, out, 0);
    th_rpc_write_head(&writer, id, null_id);
    th_json_write_key(&writer, TH_SLICE("error"));
    th_json_write_object(&writer);
    th_json_write_member_integer(&writer, "code", fault->code);
    th_json_write_member_text(&writer, "message", fault->message);
    if (fault->data[0]) {
        th_json_write_key(&writer, TH_SLICE("data"));
        th_json_write_raw(&writer, th_slice_of(fault->data));
    }
    th_json_write_end(&writer);
    th_json_write_end(&writer);
    return th_json_writer_finish(&writer, NULL);
}
