/* chat.h - the chat of one worker: what those who have sockets need of it.
 * A connection brings text messages of the subprotocol tallyhost.chat.v1 (README.md) and takes them
 * through two functions of its owner; who it belongs to is decided by its first message. All on the
 * worker's own thread. */
#ifndef TH_CHAT_CHAT_H
#define TH_CHAT_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "chat/model_key.h"
#include "loop/worker.h"
#include "session/session.h"

typedef struct th_chat th_chat_t;
typedef struct th_chat_connection th_chat_connection_t;

/* How a connection reaches its client. Neither may call back into the chat from inside. */
typedef struct th_chat_wire {
    /* One text message, copied or sent. False: it is not taken; the connection is ending. */
    bool (*send)(void *arg, th_slice_t text);
    /* Ends it with a WebSocket close code; th_chat_disconnect() is called later. */
    void (*end)(void *arg, unsigned code, const char *reason);
} th_chat_wire_t;

/* <key> is borrowed, outlives the chat, and may be NULL (model_key.h). NULL with <error>. */
th_chat_t *th_chat_open(th_worker_t *worker, th_sessions_t *sessions, const th_model_key_t *key,
                        th_error_t *error);
void th_chat_close(th_chat_t *chat); /* after the loop ran dry; NULL is fine */

/* After th_sessions_set_catalogue(): cards of tools that changed are closed, people are told. */
void th_chat_tools_changed(th_chat_t *chat);
/* Begins nothing new; what runs may end. */
void th_chat_drain(th_chat_t *chat);
/* Models and tools at work, not counting what waits for people. */
size_t th_chat_pending(const th_chat_t *chat);

/* Something happened in an organisation: an `event` for the conversations of its people who may see
 * what it is about, as Tallyfy says when it is asked in their name (audience.h). Everything is
 * copied. Returns how many conversations that may concern; 0 when neither id is given. */
typedef struct th_chat_news {
    const char *org_id;
    const char *name;                 /* "task.completed" */
    const char *at;                   /* UTC, as the protocol writes times; NULL = now */
    const char *about;                /* one sentence for people */
    const char *process_id, *task_id; /* or "" */
    th_slice_t data;                  /* a JSON object */
} th_chat_news_t;
size_t th_chat_tell(th_chat_t *chat, const th_chat_news_t *news);

/* Tokens that a person used here, for the chats of other workers, whose people they are as well: a
 * person's credentials may have different homes. One listener, called from the loop, only while
 * there is a budget. */
#define TH_CHAT_PRINCIPAL_SIZE 17
void th_chat_on_spent(th_chat_t *chat,
                      void (*spent)(void *arg, const char *principal, int64_t tokens), void *arg);
/* What a person used on another worker. */
void th_chat_spent(th_chat_t *chat, const char *principal, int64_t tokens);

/* --- connections ----------------------------------------------------------------------------- */

/* <greet>: whether the client is to get `hello` (not again when it moves here from another
 * worker). NULL: no memory. */
th_chat_connection_t *th_chat_connect(th_chat_t *chat, const th_chat_wire_t *wire, void *arg,
                                      bool greet);
/* One message as it came. Its owner wipes it afterwards: there may be a credential in it. */
void th_chat_receive(th_chat_connection_t *connection, th_slice_t text);
/* The client is gone; nothing is sent any more. Not from inside th_chat_receive(). */
void th_chat_disconnect(th_chat_connection_t *connection);

/* Which worker is the home of whoever signs in with <text>: this one for everything that is no
 * good `auth`. Wipes what it read. */
unsigned th_chat_home(const th_chat_t *chat, th_slice_t text);

#endif
