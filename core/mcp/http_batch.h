/* http_batch.h - a POSTed batch in a legacy session. */
#ifndef TH_MCP_HTTP_BATCH_H
#define TH_MCP_HTTP_BATCH_H

#include "mcp/http_session.h"

/* Takes over the document and answers, or starts the batch's requests. */
void th_http_batch(th_http_entry_t *entry, th_http_session_t *session,
                   th_json_document_t *document);

#endif
