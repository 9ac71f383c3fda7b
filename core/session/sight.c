/* sight.c - one GET whose status is the answer. */
#include "session/sight.h"

#include <stdlib.h>
#include <string.h>

#include "session/internal.h"

struct th_sight {
    th_grant_t *grant; /* reference: keeps the API */
    th_api_call_t *call;
    th_sight_told_t told;
    void *arg;
};

static th_sight_verdict_t verdict_of(const th_api_answer_t *answer) {
    static const char *const blind[] = {"not_found", "forbidden", "unauthenticated"};
    if (!answer->error) return TH_SIGHT_SEES;
    for (size_t i = 0; i < sizeof blind / sizeof *blind; i++)
        if (strcmp(answer->error->code, blind[i]) == 0) return TH_SIGHT_BLIND;
    return TH_SIGHT_UNKNOWN;
}

static void on_answer(void *arg, const th_api_answer_t *answer) {
    th_sight_t *sight = arg;
    th_sight_verdict_t verdict = verdict_of(answer);
    if (answer->error && strcmp(answer->error->code, "unauthenticated") == 0)
        th_entry_forget(sight->grant->entry);
    th_sight_told_t told = sight->told;
    void *told_arg = sight->arg;
    th_grant_unref(sight->grant);
    free(sight);
    told(told_arg, verdict);
}

th_sight_t *th_sight_ask(th_grant_t *grant, th_sight_of_t of, th_slice_t id, th_sight_told_t told,
                         void *arg, th_error_t *error) {
    const th_api_pair_t segment = {.name = TH_SLICE("id"), .value = id};
    const th_api_request_t request = {
        .method = TH_HTTP_GET,
        .path = of == TH_SIGHT_PROCESS ? TH_SLICE("/organizations/{org}/runs/{id}")
                                       : TH_SLICE("/organizations/{org}/tasks/{id}"),
        .segments = &segment,
        .segment_count = 1,
    };
    th_sight_t *sight = calloc(1, sizeof *sight);
    if (!sight) {
        th_error_set(error, "no_memory", "no memory for a question to the API");
        return NULL;
    }
    *sight = (th_sight_t){.grant = th_grant_ref(grant), .told = told, .arg = arg};
    sight->call = th_api_start(grant->entry->api, &request, on_answer, sight, error);
    if (sight->call) return sight;
    th_grant_unref(grant);
    free(sight);
    return NULL;
}

void th_sight_cancel(th_sight_t *sight) {
    if (!sight) return;
    th_api_cancel(sight->call);
    th_grant_unref(sight->grant);
    free(sight);
}
