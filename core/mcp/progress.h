/* progress.h - notifications/progress of a running call, for clients that gave a token. */
#ifndef TH_MCP_PROGRESS_H
#define TH_MCP_PROGRESS_H

#include "mcp/request.h"

/* Takes params._meta.progressToken over into the request. False when it is neither string nor
 * integer: the request was answered. */
bool th_progress_read_token(th_request_t *request);

/* Reports without a token, that go backwards, are no numbers, or come too fast are dropped:
 * progress is a courtesy. */
void th_progress_report(th_request_t *request, double done, double total, th_slice_t message);

#endif
