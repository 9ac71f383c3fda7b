/* client.h - what the other end says it can do. Pure.
 * Legacy clients say it once, in `initialize`; modern ones with each request. Nothing that was not
 * declared may be asked (requirements.md d, "Elicitation, sampling, roots"). */
#ifndef TH_MCP_CLIENT_H
#define TH_MCP_CLIENT_H

#include "mcp/revision.h"
#include "json/document.h"
#include "json/writer.h"

#define TH_EXTENSION_TASKS "io.modelcontextprotocol/tasks"

typedef struct th_client {
    bool form, url; /* modes of elicitation */
    bool sampling;
    bool sampling_tools;
    bool roots;
    bool tasks; /* the extension; on the modern wire only */
} th_client_t;

/* <capabilities> may be absent or of any type: what is not an object says nothing. */
th_client_t th_client_read(th_json_value_t capabilities, const th_revision_t *revision);

/* What is needed and not there. */
th_client_t th_client_lacks(const th_client_t *have, const th_client_t *need);
bool th_client_is_empty(const th_client_t *client);
/* A ClientCapabilities object naming what is set. */
void th_client_write(th_json_writer_t *writer, const th_client_t *client);
/* The same in words, such as "elicitation and sampling". */
void th_client_describe(const th_client_t *client, char *out, size_t size);

#endif
