/* discover.c - server/discover: what a modern client may ask before anything else. */
#include "mcp/methods.h"
#include "mcp/request.h"

void th_method_discover(th_request_t *request) {
    const th_settings_t *settings = request->mcp->worker->settings;
    th_slice_t instructions = th_slice_of(settings->mcp_instructions);
    th_json_writer_t writer;
    th_buffer_t out;

    th_request_begin_result(request, &writer, &out, 6 * instructions.length);
    th_json_write_key(&writer, TH_SLICE("supportedVersions"));
    th_json_write_raw(&writer, TH_SLICE(TH_REVISION_MODERN_LIST));
    th_json_write_key(&writer, TH_SLICE("capabilities"));
    th_json_write_raw(&writer, th_method_capabilities(request->revision));
    if (instructions.length) th_json_write_member_string(&writer, "instructions", instructions);
    th_json_write_member_integer(&writer, "ttlMs", settings->mcp_list_ttl);
    th_json_write_member_text(&writer, "cacheScope", "public"); /* the same for everyone */
    th_request_end_result(request, &writer, &out, NULL);
}
