/* batch.h - arrays of messages, which 2025-03-26 has: its elements, sorted, with their limits.
 * Pure. */
#ifndef TH_MCP_BATCH_H
#define TH_MCP_BATCH_H

#include "mcp/jsonrpc.h"

/* Elements of one batch: each request may start a call. */
#define TH_BATCH_MAX 64

typedef struct th_batch {
    size_t count;
    size_t requests; /* and invalid elements: whatever is owed an answer */
    struct {
        th_json_value_t root;
        th_rpc_message_t message;
        th_rpc_fault_t fault; /* of an invalid one */
    } element[TH_BATCH_MAX];
} th_batch_t;

/* Large: the caller allocates it. False fills <fault>: empty, too many, or with initialize in it.
 */
bool th_batch_read(th_json_value_t root, th_batch_t *batch, th_rpc_fault_t *fault);

#endif
