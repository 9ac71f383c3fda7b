/* notice.h - notifications of ours, as text. Pure. */
#ifndef TH_MCP_NOTICE_H
#define TH_MCP_NOTICE_H

#include "mcp/jsonrpc.h"
#include "script/call.h"

#define TH_META_SUBSCRIPTION "io.modelcontextprotocol/subscriptionId"

/* `{"jsonrpc":..,"method":..,"params":{` with params left open. */
void th_notice_begin(th_json_writer_t *writer, th_buffer_t *out, const char *method);
/* Closes it; with <subscription> (a listen request's id) as the tag of a subscription, absent:
 * none. False when memory or the ceiling was exceeded. */
bool th_notice_end(th_json_writer_t *writer, th_json_value_t subscription);

/* notifications/{tools,prompts,resources}/list_changed and notifications/resources/updated. */
bool th_notice_changed(th_buffer_t *out, th_changed_t what, th_slice_t uri,
                       th_json_value_t subscription);

#endif
