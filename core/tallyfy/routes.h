/* routes.h - which routes of the API a raw call may reach, and which one a path means.
 * A raw path is text that a model wrote. It is taken apart, decoded once, and checked part by part;
 * what is asked of the API is then put together anew from the route's template and the values, so
 * nothing of the text itself is ever sent. The organisation is the caller's, whatever it says. */
#ifndef TH_TALLYFY_ROUTES_H
#define TH_TALLYFY_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/http_message.h"
#include "base/slice.h"
#include "tallyfy/url.h"

enum {
    TH_ROUTE_GET = 1,
    TH_ROUTE_POST = 2,
    TH_ROUTE_PUT = 4,
    TH_ROUTE_PATCH = 8,
    TH_ROUTE_DELETE = 16,
};

typedef struct th_route {
    const char *path; /* template: "/organizations/{org}/runs/{run_id}" */
    const char *domain;
    unsigned methods; /* TH_ROUTE_* */
} th_route_t;

extern const th_route_t th_routes[];
extern const size_t th_route_count;

#define TH_RAW_PATH_MAX 1024
#define TH_RAW_PARTS_MAX 12
#define TH_RAW_VALUES_MAX 6

/* The route that a path means, with the values of its placeholders but {org}. Points into itself:
 * not to be copied. */
typedef struct th_raw_path {
    const th_route_t *route;
    th_api_pair_t values[TH_RAW_VALUES_MAX];
    size_t value_count;
    char text[TH_RAW_PATH_MAX + TH_RAW_PARTS_MAX + 1]; /* the decoded parts */
} th_raw_path_t;

/* False with <error>: "bad_request" for a path that is not plain (a query or fragment in it, dot or
 * empty segments, encoded or other slashes, anything encoded twice, control bytes), "forbidden" for
 * another organisation, "not_found" for what is no documented route, or not by that method; the
 * message says what would be right. */
bool th_raw_path_read(th_raw_path_t *raw, th_http_method_t method, th_slice_t path, th_slice_t org,
                      th_error_t *error);

#endif
