/* fault.c - outcomes to error codes. */
#include "mcp/fault.h"

/* {code?, hint?, field?, uri?}, as far as it fits. */
static void write_data(th_rpc_fault_t *fault, const th_call_result_t *result, th_slice_t uri) {
    th_json_writer_t writer;
    th_buffer_t data;

    th_buffer_init(&data, TH_RPC_DATA_SIZE - 1);
    th_json_writer_init(&writer, &data, 0);
    th_json_write_object(&writer);
    if (uri.length) th_json_write_member_string(&writer, "uri", uri);
    if (result && result->code && result->code[0])
        th_json_write_member_text(&writer, "code", result->code);
    if (result && result->field && result->field[0])
        th_json_write_member_text(&writer, "field", result->field);
    if (result && result->hint && result->hint[0])
        th_json_write_member_text(&writer, "hint", result->hint);
    th_json_write_end(&writer);
    if (th_json_writer_finish(&writer, NULL)) {
        memcpy(fault->data, data.data, data.length);
        fault->data[data.length] = '\0';
    }
    th_buffer_reset(&data);
}

void th_request_fail_no_resource(th_request_t *request, th_slice_t uri) {
    th_rpc_fault_t fault;

    th_rpc_fault_set(&fault, 200, request->revision->not_found, "There is no resource %.*s",
                     th_rpc_shown(uri), uri.data);
    write_data(&fault, NULL, uri);
    th_request_fail_with(request, &fault);
}

/* Is it the request that was wrong? Then the client can do something about it. */
static bool is_params(const char *code) {
    static const char *const codes[] = {"not_found", "invalid_arguments", "invalid", "forbidden"};

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (strcmp(code, codes[i]) == 0) return true;
    return false;
}

void th_request_fail_call(th_request_t *request, const th_call_result_t *result, th_slice_t uri) {
    const char *code = result->code ? result->code : "";
    th_rpc_fault_t fault;
    int number = TH_RPC_INTERNAL_ERROR;

    if (uri.length && strcmp(code, "not_found") == 0)
        number = request->revision->not_found;
    else if (result->outcome == TH_CALL_FAILED && is_params(code))
        number = TH_RPC_INVALID_PARAMS;
    th_rpc_fault_set(&fault, 200, number, "%s",
                     result->message && result->message[0] ? result->message : "The call failed.");
    write_data(&fault, result, uri);
    th_request_fail_with(request, &fault);
}
