/* http_body.c - the body decoder's state machine: one byte of syntax per step, data in runs. */
#include "net/http_body.h"

#define SIZE_DIGITS_MAX 8

void th_http_body_start_fixed(th_http_body_t *body, uint64_t length) {
    *body = (th_http_body_t){.state = length > 0 ? TH_HTTP_BODY_FIXED : TH_HTTP_BODY_DONE,
                             .remaining = length};
}

void th_http_body_start_chunked(th_http_body_t *body, uint64_t maximum) {
    *body = (th_http_body_t){.state = TH_HTTP_BODY_SIZE, .allowed = maximum};
}

static int hex_value(char byte) {
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
    return -1;
}

static bool refuse(th_http_refusal_t *refusal, int status, const char *code, const char *message) {
    *refusal = (th_http_refusal_t){status, code, message};
    return false;
}

/* A size is known: is it the end, and may that much still come? */
static bool begin_chunk(th_http_body_t *body, th_http_refusal_t *refusal) {
    if (body->remaining > body->allowed)
        return refuse(refusal, 413, "body_too_large", "The request body is larger than allowed.");
    body->allowed -= body->remaining;
    body->state = body->remaining > 0 ? TH_HTTP_BODY_DATA : TH_HTTP_BODY_END_CR;
    body->digits = 0;
    return true;
}

static bool take_size_byte(th_http_body_t *body, char byte, th_http_refusal_t *refusal) {
    int value = hex_value(byte);
    if (value >= 0 && body->digits < SIZE_DIGITS_MAX) {
        body->remaining = body->remaining * 16 + (uint64_t)value;
        body->digits++;
        return true;
    }
    if (value >= 0)
        return refuse(refusal, 413, "body_too_large", "A chunk size has more than 8 digits.");
    if (byte != '\r' || body->digits == 0)
        return refuse(refusal, 400, "bad_chunk",
                      "A chunk size is hexadecimal digits and CRLF; extensions are not taken.");
    body->state = TH_HTTP_BODY_SIZE_LF;
    return true;
}

static bool take_mark(th_http_body_t *body, char byte, char wanted, th_http_body_state_t next,
                      th_http_refusal_t *refusal) {
    if (byte != wanted)
        return refuse(refusal, 400, "bad_chunk",
                      "A chunk must end in CRLF, and trailers are not taken.");
    body->state = next;
    return true;
}

static bool take_syntax(th_http_body_t *body, char byte, th_http_refusal_t *refusal) {
    switch (body->state) {
    case TH_HTTP_BODY_SIZE: return take_size_byte(body, byte, refusal);
    case TH_HTTP_BODY_SIZE_LF:
        return take_mark(body, byte, '\n', TH_HTTP_BODY_SIZE, refusal) &&
               begin_chunk(body, refusal);
    case TH_HTTP_BODY_DATA_CR: return take_mark(body, byte, '\r', TH_HTTP_BODY_DATA_LF, refusal);
    case TH_HTTP_BODY_DATA_LF:
        body->remaining = 0;
        return take_mark(body, byte, '\n', TH_HTTP_BODY_SIZE, refusal);
    case TH_HTTP_BODY_END_CR: return take_mark(body, byte, '\r', TH_HTTP_BODY_END_LF, refusal);
    case TH_HTTP_BODY_END_LF: return take_mark(body, byte, '\n', TH_HTTP_BODY_DONE, refusal);
    case TH_HTTP_BODY_FIXED:
    case TH_HTTP_BODY_DATA:
    case TH_HTTP_BODY_DONE: break; /* not syntax: the caller never asks */
    }
    return true;
}

th_http_body_verdict_t th_http_body_feed(th_http_body_t *body, const char *data, size_t length,
                                         size_t *used, th_slice_t *piece,
                                         th_http_refusal_t *refusal) {
    *used = 0;
    *piece = th_slice(data, 0);
    while (*used < length && body->state != TH_HTTP_BODY_DONE) {
        if (body->state == TH_HTTP_BODY_FIXED || body->state == TH_HTTP_BODY_DATA) {
            if (piece->length > 0) return TH_HTTP_BODY_MORE;
            size_t here = length - *used;
            if (here > body->remaining) here = (size_t)body->remaining;
            *piece = th_slice(data + *used, here);
            *used += here;
            body->remaining -= here;
            if (body->remaining == 0)
                body->state =
                    body->state == TH_HTTP_BODY_FIXED ? TH_HTTP_BODY_DONE : TH_HTTP_BODY_DATA_CR;
            continue;
        }
        if (!take_syntax(body, data[*used], refusal)) return TH_HTTP_BODY_REFUSED;
        (*used)++;
    }
    return body->state == TH_HTTP_BODY_DONE ? TH_HTTP_BODY_WHOLE : TH_HTTP_BODY_MORE;
}
