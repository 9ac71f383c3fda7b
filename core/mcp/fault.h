/* fault.h - a failed call as a JSON-RPC error: what resources, prompts and completions, which have
 * no isError, make of it. */
#ifndef TH_MCP_FAULT_H
#define TH_MCP_FAULT_H

#include "mcp/request.h"

/* Ends <request>. <uri> is set for resources: it goes into error.data, and "not_found" has a code
 * of its own there. */
void th_request_fail_call(th_request_t *request, const th_call_result_t *result, th_slice_t uri);
/* Unknown resource: -32002, or -32602 in 2026-07-28, with data.uri. */
void th_request_fail_no_resource(th_request_t *request, th_slice_t uri);

#endif
