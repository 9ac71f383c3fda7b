/* http_profile.c - which profile of tools an HTTP request asks for: `/mcp?profile=operator`, or the
 * header X-Tallyhost-Profile for clients that cannot change their address. */
#include "mcp/mcp.h"

th_slice_t th_mcp_http_profile(const th_http_request_t *request) {
    th_slice_t profile = th_http_request_query(request, "profile");

    return profile.data ? profile : th_http_request_header(request, "X-Tallyhost-Profile");
}
