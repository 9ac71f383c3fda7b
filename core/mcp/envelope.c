/* envelope.c - the era of a message, and the modern envelope against headers and table. */
#include "mcp/envelope.h"

/* Longest revision name looked at: real ones have ten bytes, and it is echoed in errors. */
#define VERSION_MAX 64

bool th_envelope_is_present(const th_rpc_message_t *message) {
    return th_json_type(th_json_member(message->meta, TH_META_VERSION)) != TH_JSON_ABSENT;
}

/* Well-formed and of a revision of this era, known to us or not. */
static bool envelope_is_whole(const th_rpc_message_t *message) {
    th_rpc_fault_t ignored;
    th_envelope_t envelope;

    return th_envelope_read(message, &envelope, &ignored) &&
           th_revision_sounds_modern(envelope.version);
}

static bool batch_is_modern(th_json_value_t root) {
    th_json_iterator_t each = th_json_iterate(root);

    while (th_json_next(&each)) {
        th_json_value_t meta = th_json_member(th_json_member(each.value, "params"), "_meta");
        if (th_json_type(th_json_member(meta, TH_META_VERSION)) != TH_JSON_ABSENT) return true;
    }
    return false;
}

static th_era_t refuse(th_rpc_fault_t *fault, int code, const char *sentence) {
    th_rpc_fault_set(fault, 400, code, "%s", sentence);
    return TH_ERA_REFUSED;
}

static th_era_t request_era(const th_rpc_message_t *message, bool modern_header,
                            th_rpc_fault_t *fault) {
    bool present = th_envelope_is_present(message);

    if (th_slice_is(message->method, "initialize") && !envelope_is_whole(message)) {
        if (!modern_header) return TH_ERA_LEGACY;
        return refuse(fault, TH_RPC_HEADER_MISMATCH,
                      "The MCP-Protocol-Version header names a revision without initialize; ask "
                      "server/discover, or send initialize without that header");
    }
    if (present) return TH_ERA_MODERN;
    if (!modern_header) return TH_ERA_LEGACY;
    return refuse(fault, TH_RPC_INVALID_PARAMS,
                  "params._meta lacks " TH_META_VERSION ", which the revision named in the "
                  "MCP-Protocol-Version header requires");
}

th_era_t th_envelope_era(const th_rpc_message_t *message, th_json_value_t root, th_slice_t version,
                         th_rpc_fault_t *fault) {
    bool modern_header = version.data && th_revision_sounds_modern(version);

    switch (message->kind) {
    case TH_RPC_BATCH:
        if (!batch_is_modern(root) && !modern_header) return TH_ERA_LEGACY;
        return refuse(fault, TH_RPC_INVALID_REQUEST,
                      "This revision has no batches; send one message per POST");
    case TH_RPC_RESPONSE:
        if (!modern_header) return TH_ERA_LEGACY;
        return refuse(fault, TH_RPC_INVALID_REQUEST,
                      "This revision has no requests from the server, so no response is expected");
    case TH_RPC_NOTIFICATION:
        return th_envelope_is_present(message) || modern_header ? TH_ERA_MODERN : TH_ERA_LEGACY;
    case TH_RPC_REQUEST: return request_era(message, modern_header, fault);
    case TH_RPC_INVALID: return modern_header ? TH_ERA_MODERN : TH_ERA_LEGACY;
    }
    return TH_ERA_LEGACY;
}

bool th_envelope_read(const th_rpc_message_t *message, th_envelope_t *envelope,
                      th_rpc_fault_t *fault) {
    th_json_value_t version = th_json_member(message->meta, TH_META_VERSION);

    *envelope = (th_envelope_t){0};
    if (th_json_type(version) == TH_JSON_ABSENT)
        return th_rpc_fault_set(fault, 400, TH_RPC_INVALID_PARAMS,
                                "params._meta lacks " TH_META_VERSION);
    if (!th_json_string(version, &envelope->version) || envelope->version.length > VERSION_MAX)
        return th_rpc_fault_set(fault, 400, TH_RPC_INVALID_PARAMS,
                                TH_META_VERSION " must be a string such as \"2026-07-28\"");
    envelope->capabilities = th_json_member(message->meta, TH_META_CAPABILITIES);
    if (th_json_type(envelope->capabilities) == TH_JSON_ABSENT)
        return th_rpc_fault_set(fault, 400, TH_RPC_INVALID_PARAMS,
                                "params._meta lacks " TH_META_CAPABILITIES
                                " (an object; {} when there are none)");
    if (!th_json_is_object(envelope->capabilities))
        return th_rpc_fault_set(fault, 400, TH_RPC_INVALID_PARAMS,
                                TH_META_CAPABILITIES " must be an object");
    return true;
}

/* The header is there, once, and in plain ASCII. */
static bool check_present(const th_routing_t *routing, th_routing_field_t field,
                          th_rpc_fault_t *fault) {
    const char *problem = NULL;

    if (!routing->value[field].data)
        problem = "is missing";
    else if (routing->repeated[field])
        problem = "may be sent only once";
    else if (routing->unclean[field])
        problem = "has bytes outside printable ASCII; encode them as =?base64?...?=";
    if (!problem) return true;
    return th_rpc_fault_set(fault, 400, TH_RPC_HEADER_MISMATCH, "The %s header %s",
                            th_routing_field_name(field), problem);
}

static bool mismatch(th_rpc_fault_t *fault, th_routing_field_t field, th_slice_t header,
                     th_slice_t body) {
    return th_rpc_fault_set(fault, 400, TH_RPC_HEADER_MISMATCH,
                            "The %s header says \"%.*s\", the body says \"%.*s\"",
                            th_routing_field_name(field), th_rpc_shown(header), header.data,
                            th_rpc_shown(body), body.data);
}

bool th_envelope_check_version_header(const th_envelope_t *envelope, const th_routing_t *routing,
                                      th_rpc_fault_t *fault) {
    if (!check_present(routing, TH_ROUTING_VERSION, fault)) return false;
    if (th_slice_equal(routing->value[TH_ROUTING_VERSION], envelope->version)) return true;
    return mismatch(fault, TH_ROUTING_VERSION, routing->value[TH_ROUTING_VERSION],
                    envelope->version);
}

const th_revision_t *th_envelope_revision(const th_envelope_t *envelope, th_rpc_fault_t *fault) {
    const th_revision_t *revision = th_revision_find(envelope->version);
    th_buffer_t data;
    th_json_writer_t writer;

    if (revision && revision->modern) return revision;
    th_rpc_fault_set(fault, 400, TH_RPC_UNSUPPORTED_VERSION,
                     "This revision cannot be used in a request's _meta here; use 2026-07-28, or "
                     "initialize for an older one");
    th_buffer_init(&data, TH_RPC_DATA_SIZE - 1);
    th_json_writer_init(&writer, &data, 0);
    th_json_write_object(&writer);
    th_json_write_key(&writer, TH_SLICE("supported"));
    th_json_write_raw(&writer, TH_SLICE(TH_REVISION_MODERN_LIST));
    th_json_write_member_string(&writer, "requested", envelope->version);
    th_json_write_end(&writer);
    if (th_json_writer_finish(&writer, NULL)) {
        memcpy(fault->data, data.data, data.length);
        fault->data[data.length] = '\0';
    }
    th_buffer_reset(&data);
    return NULL;
}

bool th_envelope_check_routing(const th_rpc_message_t *message, const th_method_t *method,
                               const th_routing_t *routing, th_rpc_fault_t *fault) {
    th_slice_t named, header = routing->value[TH_ROUTING_METHOD];
    th_buffer_t decoded;
    bool fine;

    if (!check_present(routing, TH_ROUTING_METHOD, fault)) return false;
    if (!th_slice_equal(header, message->method))
        return mismatch(fault, TH_ROUTING_METHOD, header, message->method);
    if (!method || !method->routing_name ||
        !th_json_string(th_json_member(message->params, method->routing_name), &named))
        return true;
    if (!check_present(routing, TH_ROUTING_NAME, fault)) return false;
    header = routing->value[TH_ROUTING_NAME];
    th_buffer_init(&decoded, header.length + 1);
    if (!th_routing_decode(header, &decoded))
        fine = th_rpc_fault_set(fault, 400, TH_RPC_HEADER_MISMATCH,
                                "The Mcp-Name header is not valid base64 between =?base64? and ?=");
    else if (!th_slice_equal(th_buffer_slice(&decoded), named))
        fine = mismatch(fault, TH_ROUTING_NAME, header, named);
    else
        fine = true;
    th_buffer_reset(&decoded);
    return fine;
}
