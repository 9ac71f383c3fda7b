/* envelope.h - telling the two eras apart, and checking what a modern request says about itself.
 * Pure functions over a message and the routing headers; the order of checks is that of
 * requirements.md b.4 (rows in brackets), the sorting that of b.5. */
#ifndef TH_MCP_ENVELOPE_H
#define TH_MCP_ENVELOPE_H

#include <stdbool.h>

#include "mcp/http_headers.h"
#include "mcp/jsonrpc.h"
#include "mcp/methods.h"
#include "mcp/revision.h"

#define TH_META_VERSION "io.modelcontextprotocol/protocolVersion"
#define TH_META_CAPABILITIES "io.modelcontextprotocol/clientCapabilities"
#define TH_META_LOG_LEVEL "io.modelcontextprotocol/logLevel"
#define TH_META_SERVER_INFO "io.modelcontextprotocol/serverInfo"

typedef enum th_era { TH_ERA_LEGACY, TH_ERA_MODERN, TH_ERA_REFUSED } th_era_t;

/* The message claims a modern envelope: its _meta names a protocol version, of whatever type. */
bool th_envelope_is_present(const th_rpc_message_t *message);

/* Which wire an HTTP message speaks. <version> is the MCP-Protocol-Version header, data NULL when
 * absent. <root> is needed to look into batches. TH_ERA_REFUSED fills <fault>. */
th_era_t th_envelope_era(const th_rpc_message_t *message, th_json_value_t root, th_slice_t version,
                         th_rpc_fault_t *fault);

/* What a modern request says of its sender; borrowed from the message. */
typedef struct th_envelope {
    th_slice_t version;
    th_json_value_t capabilities;
} th_envelope_t;

/* [7] The required _meta fields are there and well-typed. */
bool th_envelope_read(const th_rpc_message_t *message, th_envelope_t *envelope,
                      th_rpc_fault_t *fault);
/* [8][9] The version header is there, once, clean, and says what the body says. */
bool th_envelope_check_version_header(const th_envelope_t *envelope, const th_routing_t *routing,
                                      th_rpc_fault_t *fault);
/* [10] The revision, if it can be used in a request; NULL fills <fault>. */
const th_revision_t *th_envelope_revision(const th_envelope_t *envelope, th_rpc_fault_t *fault);
/* [11][12] Mcp-Method and Mcp-Name say what the body says. <method> may be NULL: not known. */
bool th_envelope_check_routing(const th_rpc_message_t *message, const th_method_t *method,
                               const th_routing_t *routing, th_rpc_fault_t *fault);

#endif
