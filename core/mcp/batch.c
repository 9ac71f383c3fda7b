/* batch.c - sorting a batch. */
#include "mcp/batch.h"

bool th_batch_read(th_json_value_t root, th_batch_t *batch, th_rpc_fault_t *fault) {
    th_json_iterator_t each = th_json_iterate(root);
    size_t count = th_json_count(root);

    batch->count = batch->requests = 0;
    if (count == 0 || count > TH_BATCH_MAX)
        return th_rpc_fault_set(fault, 400, TH_RPC_INVALID_REQUEST,
                                count ? "A batch may hold %d messages at most"
                                      : "An empty batch says nothing; %d messages are possible",
                                TH_BATCH_MAX);
    while (th_json_next(&each)) {
        th_rpc_message_t *message = &batch->element[batch->count].message;
        batch->element[batch->count].root = each.value;
        th_rpc_read(each.value, message, &batch->element[batch->count].fault);
        batch->count++;
        if (message->kind == TH_RPC_REQUEST && th_slice_is(message->method, "initialize"))
            return th_rpc_fault_set(fault, 400, TH_RPC_INVALID_REQUEST,
                                    "initialize must be sent alone, not in a batch");
        if (message->kind == TH_RPC_BATCH) {
            message->kind = TH_RPC_INVALID;
            th_rpc_fault_set(&batch->element[batch->count - 1].fault, 400, TH_RPC_INVALID_REQUEST,
                             "A batch may not hold batches");
        }
        if (message->kind == TH_RPC_REQUEST || message->kind == TH_RPC_INVALID) batch->requests++;
    }
    return true;
}
