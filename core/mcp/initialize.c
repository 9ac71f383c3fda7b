/* initialize.c - the handshake of the legacy revisions, its ping, and the program's identity. */
#include "mcp/identity.h"
#include "mcp/methods.h"
#include "mcp/request.h"

void th_identity_write(th_json_writer_t *writer, const th_revision_t *revision) {
    th_json_write_object(writer);
    th_json_write_member_text(writer, "name", "tallyhost");
    if (revision->titles) th_json_write_member_text(writer, "title", "Tallyfy");
    th_json_write_member_text(writer, "version", TH_VERSION);
    th_json_write_end(writer);
}

/* Absent members are forgiven, as clients of all ages leave some out; wrong types are not. */
static bool check_params(th_json_value_t params, th_slice_t *version, const char **problem) {
    th_json_value_t capabilities = th_json_member(params, "capabilities");
    th_json_value_t client = th_json_member(params, "clientInfo");

    if (!th_json_string(th_json_member(params, "protocolVersion"), version))
        *problem = "params.protocolVersion must be a string such as \"2025-11-25\"";
    else if (capabilities.document && !th_json_is_object(capabilities))
        *problem = "params.capabilities must be an object";
    else if (client.document && !th_json_is_object(client))
        *problem = "params.clientInfo must be an object with name and version";
    else
        return true;
    return false;
}

void th_method_initialize(th_request_t *request) {
    th_slice_t asked;
    const char *problem = NULL, *session_id = NULL;
    th_error_t error = {{0}, {0}};
    th_json_writer_t writer;
    th_buffer_t out;

    if (!check_params(request->message.params, &asked, &problem)) {
        th_request_fail(request, 200, TH_RPC_INVALID_PARAMS, "%s", problem);
        return;
    }
    request->revision = th_revision_negotiate(asked);
    th_client_t client =
        th_client_read(th_json_member(request->message.params, "capabilities"), request->revision);
    if (!request->channel->operations->open(request->channel, request->revision, &client,
                                            &session_id, &error)) {
        th_request_fail(request, 503, TH_RPC_INTERNAL_ERROR, "No session could be opened: %s",
                        error.message);
        return;
    }
    th_slice_t instructions = th_slice_of(request->mcp->worker->settings->mcp_instructions);
    th_request_begin_result(request, &writer, &out, 6 * instructions.length);
    th_json_write_member_text(&writer, "protocolVersion", request->revision->name);
    th_json_write_key(&writer, TH_SLICE("capabilities"));
    th_json_write_raw(&writer, th_method_capabilities(request->revision));
    th_json_write_key(&writer, TH_SLICE("serverInfo"));
    th_identity_write(&writer, request->revision);
    if (instructions.length) th_json_write_member_string(&writer, "instructions", instructions);
    th_request_end_result(request, &writer, &out, session_id);
}

void th_method_ping(th_request_t *request) {
    th_json_writer_t writer;
    th_buffer_t out;

    th_request_begin_result(request, &writer, &out, 0);
    th_request_end_result(request, &writer, &out, NULL);
}
