/* protocol.h - the messages of tallyhost.chat.v1, as protocol.schema.json describes them.
 * One compiled copy of each client message's schema per worker; what passes has exactly the members
 * that are allowed, of the right types. Pure. */
#ifndef TH_CHAT_PROTOCOL_H
#define TH_CHAT_PROTOCOL_H

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"
#include "json/document.h"

#define TH_CHAT_PROTOCOL "tallyhost.chat.v1"

/* The text of protocol.schema.json, built in. */
extern const th_slice_t th_chat_protocol_schema;

typedef enum th_chat_message_type {
    TH_CHAT_AUTH,
    TH_CHAT_ASK,
    TH_CHAT_APPROVE,
    TH_CHAT_DENY,
    TH_CHAT_REPLY,
    TH_CHAT_CANCEL,
    TH_CHAT_CALL,
    TH_CHAT_TOOLS,
    TH_CHAT_HISTORY,
    TH_CHAT_FORGET,
    TH_CHAT_SETTINGS,
    TH_CHAT_SIGN_OUT,
    TH_CHAT_MESSAGE_TYPES,
} th_chat_message_type_t;

typedef struct th_chat_message {
    th_chat_message_type_t type;
    th_json_document_t *document; /* owned: th_chat_message_free() */
    th_json_value_t root;
    th_slice_t id; /* or empty */
} th_chat_message_t;

typedef struct th_chat_protocol th_chat_protocol_t;

/* NULL with <error>: no memory, or the schema does not compile (a defect of the build). */
th_chat_protocol_t *th_chat_protocol_open(th_error_t *error);
void th_chat_protocol_close(th_chat_protocol_t *protocol); /* NULL is fine */

/* Reads one message. False with <error> "bad_json" and the like (document.h), "bad_message" naming
 * the place, the rule and what is allowed, or "unknown_type"; <message> then has the id, if there
 * was a usable one, and is freed all the same. Copies of the text are wiped, the caller wipes its
 * own. */
bool th_chat_message_read(const th_chat_protocol_t *protocol, th_json_parser_t *parser,
                          th_slice_t text, th_chat_message_t *message, th_error_t *error);
void th_chat_message_free(th_chat_message_t *message);

#endif
