/* http_headers.h - reading the HTTP fields that MCP gives a meaning to. Pure. */
#ifndef TH_MCP_HTTP_HEADERS_H
#define TH_MCP_HTTP_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/http_message.h"
#include "base/slice.h"

typedef enum th_routing_field {
    TH_ROUTING_VERSION, /* MCP-Protocol-Version */
    TH_ROUTING_METHOD,  /* Mcp-Method */
    TH_ROUTING_NAME,    /* Mcp-Name */
    TH_ROUTING_FIELDS,
} th_routing_field_t;

typedef struct th_routing {
    th_slice_t value[TH_ROUTING_FIELDS]; /* borrowed; data NULL = absent */
    bool repeated[TH_ROUTING_FIELDS]; /* there were several: which one counts is a way to attack */
    bool unclean[TH_ROUTING_FIELDS];  /* bytes outside 0x20-0x7E and HTAB */
} th_routing_t;

const char *th_routing_field_name(th_routing_field_t field);
void th_routing_read(const th_http_request_t *request, th_routing_t *routing);

/* Without spaces and tabs at its ends. */
th_slice_t th_header_trim(th_slice_t value);
/* Nothing but 0x20-0x7E and HTAB. */
bool th_header_is_clean(th_slice_t value);

/* Decodes `=?base64?...?=` (standard alphabet, padded) into <out>; a value without both markers is
 * taken as it is. False when the markers are there and the base64 is not strict, or it is over
 * <out>'s ceiling. */
bool th_routing_decode(th_slice_t value, th_buffer_t *out);

/* The media type, parameters apart, is application/json. */
bool th_media_type_is_json(th_slice_t content_type);

typedef struct th_accepted {
    bool json;   /* application/json */
    bool stream; /* text/event-stream */
} th_accepted_t;

/* What an Accept field allows; an absent one (data NULL) allows both. Ranges count, q=0 excludes.
 */
th_accepted_t th_accept_read(th_slice_t accept);

#endif
