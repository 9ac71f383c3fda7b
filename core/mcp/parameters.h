/* parameters.h - Mcp-Param-*: the headers that mirror a tool's marked arguments (requirements.md d,
 * "x-mcp-header"). What a proxy routes by must be what runs, so any disagreement is refused. Pure.
 */
#ifndef TH_MCP_PARAMETERS_H
#define TH_MCP_PARAMETERS_H

#include "base/http_message.h"
#include "mcp/jsonrpc.h"
#include "script/catalogue.h"

/* False fills <fault> (-32020). <arguments> may be absent. */
bool th_parameters_check(const th_http_request_t *request, const th_tool_t *tool,
                         th_json_value_t arguments, th_rpc_fault_t *fault);

#endif
