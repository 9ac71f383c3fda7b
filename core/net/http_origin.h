/* http_origin.h - which Host and Origin values are acceptable, and what CORS says about it.
 * Pure. A page of a foreign site must not reach a host on the visitor's own machine: its Origin is
 * refused, and a name rebound to loopback is refused by its Host. */
#ifndef TH_NET_HTTP_ORIGIN_H
#define TH_NET_HTTP_ORIGIN_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/slice.h"

/* localhost, 127.0.0.1 and [::1] with any port, and the names of <allowed> (separated by blanks).
 */
bool th_http_host_is_local(th_slice_t host, const char *allowed);
/* http(s):// and a loopback name, any port, and the exact origins of <allowed>. */
bool th_http_origin_is_allowed(th_slice_t origin, const char *allowed);
/* https:// and just what the request's own Host says, where that is a name of <allowed_hosts>: a
 * page of this host, behind its proxy. Without that list a rebound name would be its own. */
bool th_http_origin_is_own(th_slice_t origin, th_slice_t host, const char *allowed_hosts);
/* The value of Access-Control-Allow-Headers: the fixed list, and every Mcp-Param-... name of
 * <requested>, because CORS knows no wildcard for a prefix. */
void th_http_cors_headers(th_slice_t requested, th_buffer_t *out);

#endif
