/* progress.h - notifications/progress of a running call, for clients that gave a token. */
#ifndef TH_MCP_PROGRESS_H
#define TH_MCP_PROGRESS_H

#include "mcp/request.h"

/* Takes params._meta.progressToken over into the request. False when it is neither string nor
 * integer. */
bool th_progress_read_token(th_request_t *request);

/* th_call_client_t.progress; <arg> is the request. Reports that go backwards, are no numbers, or
 * come too fast are dropped: progress is a courtesy. */
void th_progress_report(void *arg, double done, double total, th_slice_t message);

#endif
