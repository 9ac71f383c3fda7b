/* fuzz_http_head.c - a head fed whole and fed in pieces must mean the same, and what is accepted
 * must keep the promises of http_head.h. The first byte chooses the size of the pieces. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/http_head.h"

#define FIELDS_MAX 8

static const th_http_limits_t limits = {.head_bytes = 600,
                                        .head_fields = FIELDS_MAX,
                                        .field_bytes = 200,
                                        .target_bytes = 100,
                                        .body_bytes = 1000};

static void require(int condition) {
    if (!condition) abort();
}

static void check_bytes(th_slice_t text) {
    for (size_t i = 0; i < text.length; i++)
        require(text.data[i] != '\r' && text.data[i] != '\n' && text.data[i] != '\0');
}

static void check_head(const th_http_head_t *head) {
    require(!(head->chunked && head->has_length));
    require(head->content_length <= limits.body_bytes);
    require(head->minor == 1 || !head->chunked);
    require(head->host.length > 0);
    require(head->request.path.length > 0 && head->request.path.data[0] == '/');
    require(head->request.target.length <= limits.target_bytes);
    require(head->request.header_count <= FIELDS_MAX);
    require(th_http_request_header_count(&head->request, "host") == 1);
    require(th_http_request_header_count(&head->request, "content-length") <= 1);
    check_bytes(head->request.target);
    for (size_t i = 0; i < head->request.header_count; i++) {
        require(th_http_is_token(head->request.headers[i].name));
        require(head->request.headers[i].value.length <= limits.field_bytes);
        check_bytes(head->request.headers[i].value);
    }
}

/* Each offer is a copy of exactly its size, so that a look beyond it is seen. */
static th_http_scan_verdict_t scan_in_steps(const uint8_t *data, size_t size, size_t step,
                                            th_http_scan_t *scan, size_t *end) {
    th_http_scan_verdict_t verdict = TH_HTTP_SCAN_MORE;
    th_http_refusal_t refusal;
    for (size_t have = step < size ? step : size; verdict == TH_HTTP_SCAN_MORE;) {
        char *copy = malloc(have);
        memcpy(copy, data, have);
        verdict = th_http_head_scan(scan, copy, have, &limits, end, &refusal);
        free(copy);
        if (have == size) break;
        have = size - have < step ? size : have + step;
    }
    return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > 2000) return 0;
    size_t step = data[0] % 16 + 1;
    data++;
    size--;
    th_http_scan_t whole = {0}, pieces = {0};
    size_t end = 0, other_end = 0;
    th_http_scan_verdict_t verdict = scan_in_steps(data, size, size, &whole, &end);
    th_http_scan_verdict_t other = scan_in_steps(data, size, step, &pieces, &other_end);
    require(verdict == other);
    if (verdict != TH_HTTP_SCAN_WHOLE) return 0;
    require(end == other_end && whole.begin == pieces.begin);
    require(end - whole.begin <= limits.head_bytes);
    size_t length = end - whole.begin;
    char *copy = malloc(length);
    memcpy(copy, data + whole.begin, length);
    th_http_header_t fields[FIELDS_MAX];
    th_http_head_t head;
    th_http_refusal_t refusal = {0};
    if (th_http_head_parse(copy, length, &limits, fields, &head, &refusal))
        check_head(&head);
    else
        require(refusal.status >= 400 && refusal.code && refusal.message);
    free(copy);
    return 0;
}
