/* continuation.c - reading requestState and inputResponses. */
#include "mcp/continuation.h"

#include "base/clock.h"

/* Answers one request may bring. */
#define RESPONSES_MAX 64
#define ANSWERS_BYTES ((size_t)512 * 1024)

th_state_binding_t th_continuation_binding(const th_request_t *request, const th_item_t *item) {
    th_slice_t name = th_slice_of(item->name);

    th_json_string(th_json_member(request->message.params, "uri"), &name);
    return (th_state_binding_t){
        .key = request->mcp->key,
        .principal = th_slice_of(th_grant_principal(request->grant)),
        .method = request->message.method,
        .name = name,
        .arguments = th_request_arguments(request),
    };
}

/* Members of <from> that are objects and whose key <except> lacks. */
static void write_answers(th_json_writer_t *writer, th_json_value_t from, th_json_value_t except) {
    th_json_iterator_t each = th_json_iterate(from);

    while (th_json_next(&each)) {
        if (!th_json_is_object(each.value) || th_json_get(except, each.key).document) continue;
        th_json_write_key(writer, each.key);
        th_json_write_value(writer, each.value);
    }
}

/* Earlier answers stand; this round's are added. */
static th_json_document_t *merge(th_json_parser_t *parser, th_json_value_t earlier,
                                 th_json_value_t responses) {
    th_json_document_t *document = NULL;
    th_json_writer_t writer;
    th_buffer_t out;

    th_buffer_init(&out, ANSWERS_BYTES);
    th_json_writer_init(&writer, &out, 0);
    th_json_write_object(&writer);
    write_answers(&writer, earlier, th_json_absent());
    write_answers(&writer, responses, earlier);
    th_json_write_end(&writer);
    if (th_json_writer_finish(&writer, NULL))
        document = th_json_parse(parser, th_buffer_slice(&out), &th_json_limits_request, NULL);
    th_buffer_wipe(&out);
    return document;
}

static bool open_state(th_request_t *request, const th_session_request_t *what,
                       th_json_value_t value, th_request_state_t *state, th_rpc_fault_t *fault) {
    th_state_binding_t binding = th_continuation_binding(request, what->item);
    const char *problem = "params.requestState must be the string that this server gave out";
    th_slice_t text;

    if (th_json_string(value, &text) &&
        th_request_state_open(&binding, request->mcp->worker->parser, text, th_clock_wall_ms(),
                              state, &problem))
        return true;
    return th_rpc_fault_set(fault, 200, TH_RPC_INVALID_PARAMS, "%s", problem);
}

bool th_continuation_read(th_request_t *request, const th_session_request_t *what,
                          th_continuation_t *continuation, th_rpc_fault_t *fault) {
    th_json_value_t responses = th_json_member(request->message.params, "inputResponses");
    th_json_value_t sealed = th_json_member(request->message.params, "requestState");
    th_request_state_t state = {.document = NULL};
    bool fine = true;

    *continuation = (th_continuation_t){.responses = responses};
    if (!responses.document && !sealed.document) return true;
    if (responses.document &&
        (!th_json_is_object(responses) || th_json_count(responses) > RESPONSES_MAX))
        return th_rpc_fault_set(fault, 200, TH_RPC_INVALID_PARAMS,
                                "params.inputResponses must be an object with an answer for each "
                                "key of inputRequests, %d at most",
                                RESPONSES_MAX);
    if (sealed.document && !open_state(request, what, sealed, &state, fault)) return false;
    if (state.held.length) {
        continuation->held =
            th_job_find_held(request->mcp, state.held, th_grant_principal(request->grant));
        if (!continuation->held)
            fine =
                th_rpc_fault_set(fault, 200, TH_RPC_INVALID_PARAMS,
                                 "The call that waited for this answer is over (answered "
                                 "already, or too late); check what it did before you repeat it");
    } else {
        continuation->answers = merge(request->mcp->worker->parser, state.answers, responses);
        if (!continuation->answers)
            fine = th_rpc_fault_set(fault, 200, TH_RPC_INVALID_PARAMS,
                                    "The answers of all rounds together are too large");
    }
    th_json_unref(state.document);
    return fine;
}
