/* url.h - URL templates with strict segment encoding, as pure functions.
 * A template is a path like "/organizations/{org}/runs/{run_id}". A placeholder is a whole segment
 * and takes one value, which can never become more, fewer or other segments, even in front of a
 * server that decodes before it routes. `{org}` is always the bound organisation. */
#ifndef TH_TALLYFY_URL_H
#define TH_TALLYFY_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

#define TH_URL_TEMPLATE_MAX 512
#define TH_URL_VALUE_MAX 512 /* bytes of one segment's value, before encoding */

typedef struct th_api_pair {
    th_slice_t name;
    th_slice_t value;
} th_api_pair_t;

/* Appends the expanded <path> to <out>. Fails with "bad_request", naming the placeholder or the
 * byte, for: a template that is no plain path; a placeholder without a value; a value without a
 * placeholder, or for {org}; a value that is empty, holds control bytes, or has a dot segment. */
bool th_url_expand(th_buffer_t *out, th_slice_t path, th_slice_t org, const th_api_pair_t *segments,
                   size_t count, th_error_t *error);
/* Appends "?name=value&...", percent-encoded; nothing when <count> is 0. Values may be empty and
 * may hold anything but NUL; names may not be empty. */
bool th_url_add_query(th_buffer_t *out, const th_api_pair_t *query, size_t count,
                      th_error_t *error);
/* True when <value> can be one path segment; else <error> says why, calling it <name>. */
bool th_url_check_segment(th_slice_t name, th_slice_t value, th_error_t *error);
/* "https://host[:port][/path]" without a slash at its end, user, query or fragment. http:// only
 * when <plain_http> and the host is a loopback address or localhost. Code "bad_config". */
bool th_url_check_base(const char *base, bool plain_http, th_error_t *error);

#endif
