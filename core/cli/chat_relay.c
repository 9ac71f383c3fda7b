/* chat_relay.c - the two halves of a relay and the messages between them. */
#include "cli/chat_relay.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REASON_SIZE 124

struct th_chat_relay {
    atomic_uint references;          /* the halves, and messages under way */
    atomic_size_t inwards, outwards; /* bytes under way */
    th_chat_sockets_t *origin, *home;
    struct parcel *goodbye; /* set aside, so that leaving cannot fail */
    /* the socket's half */
    const th_chat_relay_client_t *client; /* NULL once it left */
    void *arg;
    /* the home's half */
    th_list_t home_link;
    th_chat_connection_t *connection; /* NULL before the first message and after the last */
    bool over;
};

/* One message from worker to worker. */
typedef struct parcel {
    th_letter_t letter; /* first */
    th_chat_relay_t *relay;
    void (*deliver)(struct parcel *parcel);
    atomic_size_t *under_way; /* which count it is part of; NULL = none */
    unsigned code;
    char reason[REASON_SIZE];
    size_t length;
    char *text; /* owned */
} parcel_t;

static void relay_unref(th_chat_relay_t *relay) {
    if (atomic_fetch_sub_explicit(&relay->references, 1, memory_order_acq_rel) > 1) return;
    free(relay->goodbye);
    free(relay);
}

/* What one counts for: an empty text takes memory, too. */
static size_t weight_of(size_t length) {
    return length + sizeof(parcel_t);
}

static void parcel_free(parcel_t *parcel) {
    if (parcel->under_way) atomic_fetch_sub(parcel->under_way, weight_of(parcel->length));
    if (parcel->text) explicit_bzero(parcel->text, parcel->length);
    free(parcel->text);
    relay_unref(parcel->relay);
    free(parcel);
}

static void run_parcel(th_worker_t *worker, th_worker_message_t *base) {
    (void)worker;
    parcel_t *parcel = TH_CONTAINER(base, parcel_t, letter.base);
    parcel->deliver(parcel);
    parcel_free(parcel);
}

static void drop_parcel(th_letter_t *letter) {
    parcel_free(TH_CONTAINER(letter, parcel_t, letter));
}

static void fill(parcel_t *parcel, th_chat_relay_t *relay, th_worker_t *to,
                 void (*deliver)(parcel_t *parcel)) {
    th_list_init(&parcel->letter.base.link);
    parcel->letter.base.run = run_parcel;
    parcel->letter.to = to;
    parcel->letter.drop = drop_parcel;
    parcel->relay = relay;
    parcel->deliver = deliver;
    atomic_fetch_add_explicit(&relay->references, 1, memory_order_relaxed);
}

/* With a copy of <text>, counted in <under_way>. NULL: more than <most> would be, or no memory. */
static parcel_t *parcel_new(th_chat_relay_t *relay, th_worker_t *to,
                            void (*deliver)(parcel_t *parcel), th_slice_t text,
                            atomic_size_t *under_way, size_t most) {
    if (atomic_load(under_way) + weight_of(text.length) > most) return NULL;
    parcel_t *parcel = calloc(1, sizeof *parcel);
    char *copy = parcel ? malloc(text.length + 1) : NULL;
    if (!copy) {
        free(parcel);
        return NULL;
    }
    if (text.length) memcpy(copy, text.data, text.length);
    parcel->text = copy;
    parcel->length = text.length;
    parcel->under_way = under_way;
    atomic_fetch_add(under_way, weight_of(text.length));
    fill(parcel, relay, to, deliver);
    return parcel;
}

/* --- the home's half ------------------------------------------------------------------------- */

static void deliver_text_out(parcel_t *parcel) {
    th_chat_relay_t *relay = parcel->relay;
    if (relay->client)
        (void)relay->client->send(relay->arg, th_slice(parcel->text, parcel->length));
}

static void deliver_end(parcel_t *parcel) {
    th_chat_relay_t *relay = parcel->relay;
    if (relay->client) relay->client->end(relay->arg, parcel->code, parcel->reason);
}

static void end_out(void *arg, unsigned code, const char *reason) {
    th_chat_relay_t *relay = arg;
    parcel_t *parcel = calloc(1, sizeof *parcel);
    if (!parcel) return; /* the socket's own ping ends it, then */
    parcel->code = code;
    (void)snprintf(parcel->reason, sizeof parcel->reason, "%s", reason);
    fill(parcel, relay, relay->origin->worker, deliver_end);
    th_outbox_send(&relay->home->outbox, &parcel->letter);
}

static bool send_out(void *arg, th_slice_t text) {
    th_chat_relay_t *relay = arg;
    size_t most = (size_t)relay->home->worker->settings->websocket_unsent_bytes;
    if (relay->over) return false;
    parcel_t *parcel =
        parcel_new(relay, relay->origin->worker, deliver_text_out, text, &relay->outwards, most);
    if (parcel) {
        th_outbox_send(&relay->home->outbox, &parcel->letter);
        return true;
    }
    relay->over = true;
    end_out(relay, 1013, "Too much is unsent: read faster");
    return false;
}

static const th_chat_wire_t wire = {send_out, end_out};

static void close_home(th_chat_relay_t *relay) {
    th_chat_connection_t *connection = relay->connection;
    relay->over = true;
    relay->connection = NULL;
    th_list_remove(&relay->home_link);
    if (connection) th_chat_disconnect(connection);
    relay_unref(relay);
}

void th_chat_relay_close_home(th_list_t *node) {
    close_home(TH_CONTAINER(node, th_chat_relay_t, home_link));
}

static void deliver_gone(parcel_t *parcel) {
    if (parcel->relay->connection) close_home(parcel->relay);
}

static void deliver_text_in(parcel_t *parcel) {
    th_chat_relay_t *relay = parcel->relay;
    if (!relay->connection && !relay->over) {
        relay->connection = th_chat_connect(relay->home->chat, &wire, relay, false);
        if (!relay->connection) {
            relay->over = true;
            end_out(relay, 1013, "The host is out of memory");
            return;
        }
        atomic_fetch_add_explicit(&relay->references, 1, memory_order_relaxed); /* the half's */
        th_list_add_tail(&relay->home->homes, &relay->home_link);
    }
    if (relay->connection && !relay->over)
        th_chat_receive(relay->connection, th_slice(parcel->text, parcel->length));
}

/* --- the socket's half ----------------------------------------------------------------------- */

th_chat_relay_t *th_chat_relay_open(th_chat_sockets_t *origin, th_chat_sockets_t *home,
                                    const th_chat_relay_client_t *client, void *arg) {
    th_chat_relay_t *relay = calloc(1, sizeof *relay);
    if (!relay) return NULL;
    relay->goodbye = calloc(1, sizeof *relay->goodbye);
    if (!relay->goodbye) {
        free(relay);
        return NULL;
    }
    atomic_init(&relay->references, 1);
    atomic_init(&relay->inwards, 0);
    atomic_init(&relay->outwards, 0);
    relay->origin = origin;
    relay->home = home;
    relay->client = client;
    relay->arg = arg;
    th_list_init(&relay->home_link);
    return relay;
}

bool th_chat_relay_receive(th_chat_relay_t *relay, th_slice_t text) {
    const th_settings_t *settings = relay->origin->worker->settings;
    parcel_t *parcel = parcel_new(relay, relay->home->worker, deliver_text_in, text,
                                  &relay->inwards, 4 * (size_t)settings->websocket_message_bytes);
    if (!parcel) return false;
    th_outbox_send(&relay->origin->outbox, &parcel->letter);
    return true;
}

void th_chat_relay_leave(th_chat_relay_t *relay) {
    parcel_t *parcel = relay->goodbye;
    relay->goodbye = NULL;
    relay->client = NULL;
    fill(parcel, relay, relay->home->worker, deliver_gone);
    th_outbox_send(&relay->origin->outbox, &parcel->letter);
    relay_unref(relay);
}
