/* request_state.h - the signed requestState of multi-round requests (requirements.md e).
 * A client carries it from a question to the retry; we keep nothing for it. It is attacker
 * controlled: `v1.<payload>.<tag>`, both base64url, the tag a keyed hash over who asks, for what,
 * with which arguments, and the payload. What it carries: when it expires, which keys were asked,
 * the answers of earlier rounds, and the id of a held call if there is one. */
#ifndef TH_MCP_REQUEST_STATE_H
#define TH_MCP_REQUEST_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "json/document.h"

/* Longest one, in bytes of text. */
#define TH_REQUEST_STATE_MAX ((size_t)256 * 1024)

/* What a state is valid for. */
typedef struct th_state_binding {
    const unsigned char *key; /* 32 bytes */
    th_slice_t principal;
    th_slice_t method;
    th_slice_t name;           /* of the tool or prompt, or the uri */
    th_json_value_t arguments; /* order and spelling do not matter */
} th_state_binding_t;

/* Borrows from <document>. */
typedef struct th_request_state {
    th_json_document_t *document; /* owned by the caller: th_json_unref() */
    th_json_value_t asked;        /* array of keys */
    th_json_value_t answers;      /* object: key -> answer */
    th_slice_t held;              /* or empty */
} th_request_state_t;

/* <asked> and <answers> are JSON texts. False when memory or the ceiling is exceeded. */
bool th_request_state_seal(const th_state_binding_t *binding, int64_t expires_wall_ms,
                           th_slice_t asked, th_slice_t answers, th_slice_t held, th_buffer_t *out);
/* False with a sentence (static) for the client: tampered with, of somebody else, for another
 * request, or too old; which of the first three is not told. */
bool th_request_state_open(const th_state_binding_t *binding, th_json_parser_t *parser,
                           th_slice_t text, int64_t now_wall_ms, th_request_state_t *state,
                           const char **problem);

/* A hash of a JSON value that depends on nothing but its meaning: members sorted, numbers by value.
 */
th_digest_t th_json_meaning(th_json_value_t value);

#endif
