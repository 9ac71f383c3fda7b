/* api_internal.h - what api.c (lifetimes and attempts) and api_answer.c (reading an answer) share.
 */
#ifndef TH_TALLYFY_API_INTERNAL_H
#define TH_TALLYFY_API_INTERNAL_H

#include "base/list.h"
#include "tallyfy/api.h"

#define TH_API_URL_MAX 16384
#define TH_API_SECRET_MAX 8192
#define TH_API_TYPE_MAX 120 /* of "Content-Type: ..." with its NUL */

struct th_api {
    th_worker_t *worker; /* borrowed */
    char *org;           /* owned */
    char *client_line;   /* owned: "X-Tallyfy-Client: ..." */
    th_api_credential_t credential;
    void *owner;
    th_list_t calls;
};

struct th_api_call {
    th_list_t link; /* in api->calls until done runs */
    th_api_t *api;  /* borrowed; not touched once done was called: done may close it */
    th_http_method_t method;
    char *path;      /* owned: the template, for the log */
    char *url;       /* owned */
    th_slice_t body; /* owned copy; data NULL = none */
    char content_type[TH_API_TYPE_MAX];
    bool bytes;
    th_api_done_t done;
    void *arg;
    th_fetch_t *fetch; /* under way, or NULL */
    uv_timer_t timer;  /* waits for the next attempt; open only if has_timer */
    bool has_timer;
    bool finished; /* done is running or was called */
    unsigned attempts;
    th_error_t
        start_error; /* why the attempt that the timer stands for could not begin; code "" = none */
};

/* api_answer.c: fills <answer> and, when it is no success, <error>. The caller unrefs
 * answer->document. */
void th_api_read_answer(th_api_call_t *call, th_fetch_t *fetch, const th_fetch_response_t *response,
                        uint32_t retry_after_s, th_api_answer_t *answer, th_api_error_t *error);
void th_api_read_start_error(const th_api_call_t *call, th_api_answer_t *answer,
                             th_api_error_t *error);

#endif
