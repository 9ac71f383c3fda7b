/* practice_internal.h - what the three files of this folder share: the script (Lua), its replies,
 * and their delivery. */
#ifndef TH_PRACTICE_PRACTICE_INTERNAL_H
#define TH_PRACTICE_PRACTICE_INTERNAL_H

#include "base/buffer.h"
#include "base/http_message.h"
#include "base/list.h"
#include "base/slice.h"
#include "loop/fetch.h"
#include "loop/worker.h"
#include "practice/practice.h"

#define TH_PRACTICE_CREDENTIALS 16
#define TH_PRACTICE_HEADERS 8
/* The largest answer the script may write: JSON, or a file that was uploaded. */
#define TH_PRACTICE_BODY_BYTES ((size_t)64 << 20)
/* The largest answer that may be made up (huge=64MB). lua/practice/faults.lua says the same. */
#define TH_PRACTICE_HUGE_BYTES ((size_t)64 << 20)

/* --- replies: what the script wants sent, as plain data ----------------------------------------
 */

typedef enum th_practice_delivery {
    TH_PRACTICE_WHOLE,
    TH_PRACTICE_HANG, /* never answered */
    TH_PRACTICE_CUT,  /* broken off in the middle of the body */
    TH_PRACTICE_DRIP, /* in pieces, with <pause> between them */
    TH_PRACTICE_HUGE, /* JSON of <bytes>, made up while it is sent */
} th_practice_delivery_t;

typedef struct th_practice_header {
    char name[64];
    char value[256];
} th_practice_header_t;

typedef struct th_practice_reply {
    int status;
    char content_type[128]; /* empty = none */
    th_practice_header_t headers[TH_PRACTICE_HEADERS];
    size_t header_count;
    th_buffer_t body;
    th_practice_delivery_t delivery;
    uint64_t delay; /* ms before anything is sent */
    uint64_t pause; /* ms */
    size_t bytes;
} th_practice_reply_t;

void th_practice_reply_init(th_practice_reply_t *reply);
void th_practice_reply_reset(th_practice_reply_t *reply);

/* --- webhooks on their way out
 * ------------------------------------------------------------------- */

#define TH_PRACTICE_WEBHOOKS 1000 /* waiting at once; more are not sent */
#define TH_PRACTICE_WEBHOOK_BYTES ((size_t)4 << 20)
#define TH_PRACTICE_WEBHOOK_HEADERS 4

typedef struct th_practice_outbox {
    th_worker_part_t part;
    th_worker_t *worker; /* borrowed, with its fetcher */
    th_list_t queue;
    unsigned count; /* those waiting and the one in flight */
    bool sending;
    bool stopped;
} th_practice_outbox_t;

/* Registers itself as a worker part. The worker's fetcher must be open. */
void th_practice_outbox_open(th_practice_outbox_t *outbox, th_worker_t *worker);
/* Queues one POST to <url>, which must be an address of this machine; <headers> are whole lines
 * "Name: value". All is copied. False with <error>: "busy", "bad_request", "stopping", "no_memory".
 */
bool th_practice_outbox_add(th_practice_outbox_t *outbox, th_slice_t url, const th_slice_t *headers,
                            size_t count, th_slice_t body, th_error_t *error);

struct lua_State;
/* deliver() for the script, with the outbox as its upvalue: bind_deliver.c. */
int th_practice_lua_deliver(struct lua_State *state);

/* --- the script: one trusted Lua state with the world in it ------------------------------------
 */

typedef struct th_practice_script th_practice_script_t;

/* Builds the world. <parser>, <settings> and <outbox> are borrowed. NULL with <error>. */
th_practice_script_t *th_practice_script_open(const th_settings_t *settings,
                                              th_json_parser_t *parser,
                                              th_practice_outbox_t *outbox, th_error_t *error);
void th_practice_script_close(th_practice_script_t *script);
/* Copies the people one can sign in as. False with <error>. */
bool th_practice_script_credentials(th_practice_script_t *script, th_practice_credential_t *out,
                                    size_t *count, th_error_t *error);
/* Answers one request into <reply>, which was initialised. False with <error> when the script
 * failed: that is a defect of the script, and <reply> must not be used. */
bool th_practice_script_handle(th_practice_script_t *script, const th_http_request_t *request,
                               th_practice_reply_t *reply, th_error_t *error);

/* --- delivery: replies on their way, also late, slow or never ------------------------------------
 */

typedef struct th_practice_deliveries {
    th_worker_part_t part;
    uv_loop_t *loop;
    th_list_t waiting; /* those with a timer or without an end */
} th_practice_deliveries_t;

/* Registers itself as a worker part: must come before the HTTP server, so that it stops first. */
void th_practice_deliveries_open(th_practice_deliveries_t *deliveries, th_worker_t *worker);
/* Takes over <exchange> and what <reply> holds; <reply> is empty afterwards. */
void th_practice_deliver(th_practice_deliveries_t *deliveries, th_http_exchange_t *exchange,
                         th_practice_reply_t *reply);

#endif
