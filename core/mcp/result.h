/* result.h - what a finished tool call looks like on each revision's wire. */
#ifndef TH_MCP_RESULT_H
#define TH_MCP_RESULT_H

#include "base/buffer.h"
#include "mcp/revision.h"
#include "script/call.h"
#include "json/writer.h"

/* Bytes the members written by th_result_write can take at most. */
size_t th_result_bound(const th_call_result_t *result);

/* Writes content, structuredContent and isError into the open result object. <tool> decides whether
 * an error may use structuredContent: one with an output schema may not, since clients validate it.
 */
void th_result_write(th_json_writer_t *writer, const th_revision_t *revision, const th_tool_t *tool,
                     th_json_parser_t *parser, const th_call_result_t *result);

/* True when the tool declared no output schema or the data conforms; <why> says where not. */
bool th_result_conforms(const th_tool_t *tool, th_json_parser_t *parser,
                        const th_call_result_t *result, th_error_t *why);

#endif
