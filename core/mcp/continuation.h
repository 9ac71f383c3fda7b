/* continuation.h - does a modern request continue an earlier one? Its requestState and
 * inputResponses, checked and made into answers (requirements.md e, "InputRequiredResult"). */
#ifndef TH_MCP_CONTINUATION_H
#define TH_MCP_CONTINUATION_H

#include "mcp/job.h"
#include "mcp/request_state.h"

typedef struct th_continuation {
    th_json_document_t *answers; /* owned; an object key -> answer, of all rounds; NULL = none */
    th_job_t *held;              /* the call to go on with; or NULL */
    th_json_value_t responses;   /* this round's, borrowed from the request */
} th_continuation_t;

/* False fills <fault>: no state of ours, or its held call is gone. */
bool th_continuation_read(th_request_t *request, const th_session_request_t *what,
                          th_continuation_t *continuation, th_rpc_fault_t *fault);

/* What a state of this request is bound to. */
th_state_binding_t th_continuation_binding(const th_request_t *request, const th_item_t *item);

#endif
