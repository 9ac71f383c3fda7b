/* jsonrpc.h - JSON-RPC 2.0 messages: what arrived, sorted, and the frames of what goes out.
 * Pure: no sessions, no sockets, no revisions. Values and slices borrow from the message's
 * document. The rules are those of MCP: ids are strings or integers, params is an object when
 * present. */
#ifndef TH_MCP_JSONRPC_H
#define TH_MCP_JSONRPC_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "json/document.h"
#include "json/writer.h"

/* Error codes: requirements.md, table "Error codes". */
enum {
    TH_RPC_PARSE_ERROR = -32700,
    TH_RPC_INVALID_REQUEST = -32600,
    TH_RPC_METHOD_NOT_FOUND = -32601,
    TH_RPC_INVALID_PARAMS = -32602,
    TH_RPC_INTERNAL_ERROR = -32603,
    TH_RPC_HEADER_MISMATCH = -32020,     /* 2026-07-28 */
    TH_RPC_MISSING_CAPABILITY = -32021,  /* 2026-07-28 */
    TH_RPC_UNSUPPORTED_VERSION = -32022, /* 2026-07-28 */
};

/* Longest string accepted as a request id, in bytes: it is echoed and kept while the request runs.
 */
#define TH_RPC_ID_MAX 1024
/* Longest message written into an error object. */
#define TH_RPC_MESSAGE_SIZE 384
#define TH_RPC_DATA_SIZE 2048

/* Why a message is not served: the error object, and the status it has over HTTP. */
typedef struct th_rpc_fault {
    int code;
    int status;
    char message[TH_RPC_MESSAGE_SIZE];
    char data[TH_RPC_DATA_SIZE]; /* JSON of error.data; "" = none */
} th_rpc_fault_t;

/* Fills <fault>; an over-long message is cut at a UTF-8 boundary. Always false, for `return`. */
bool th_rpc_fault_set(th_rpc_fault_t *fault, int status, int code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* For "%.*s": how much of a client's text is shown in a message; cut between characters. */
int th_rpc_shown(th_slice_t text);

typedef enum th_rpc_kind {
    TH_RPC_REQUEST,
    TH_RPC_NOTIFICATION,
    TH_RPC_RESPONSE, /* to a request of ours */
    TH_RPC_BATCH,    /* an array; its elements are not looked at */
    TH_RPC_INVALID,  /* <fault> says why */
} th_rpc_kind_t;

typedef struct th_rpc_message {
    th_rpc_kind_t kind;
    th_json_value_t id;     /* absent when there is none, or none that can be echoed */
    th_slice_t method;      /* requests and notifications */
    th_json_value_t params; /* an object, or absent */
    th_json_value_t meta;   /* params._meta: an object, or absent */
} th_rpc_message_t;

/* Sorts a parsed message. <fault> is filled for TH_RPC_INVALID only; message->id is then still set
 * where it could be read. */
th_rpc_kind_t th_rpc_read(th_json_value_t root, th_rpc_message_t *message, th_rpc_fault_t *fault);

/* Parses <text> as a client's message and sorts it. The caller owns the document, also when the
 * message is invalid; NULL when the text is no acceptable JSON: message->kind is then
 * TH_RPC_INVALID. */
th_json_document_t *th_rpc_parse(th_json_parser_t *parser, th_slice_t text,
                                 th_rpc_message_t *message, th_rpc_fault_t *fault);

/* `{"jsonrpc":"2.0","id":<id>,` with the object left open; absent: no id member, or null if
 * <null_id>, as revisions before 2025-11-25 have it. */
void th_rpc_write_head(th_json_writer_t *writer, th_json_value_t id, bool null_id);

/* A whole error response, appended. False when memory ran out. */
bool th_rpc_write_fault(th_buffer_t *out, th_json_value_t id, bool null_id,
                        const th_rpc_fault_t *fault);

#endif
