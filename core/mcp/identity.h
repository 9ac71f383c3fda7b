/* identity.h - how this program names itself to clients. */
#ifndef TH_MCP_IDENTITY_H
#define TH_MCP_IDENTITY_H

#include "mcp/revision.h"
#include "json/writer.h"

/* The Implementation object: name, title where the revision has it, version. */
void th_identity_write(th_json_writer_t *writer, const th_revision_t *revision);

#endif
