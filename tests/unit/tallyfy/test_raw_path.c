/* test_raw_path.c - a path as a model wrote it: it means one documented route in one's own
 * organisation, or nothing, however it is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tallyfy/routes.h"

#define ORG_TEXT "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
#define ORG TH_SLICE(ORG_TEXT)
#define HEX "9a0c11223344556677889900aabbccdd"

static void reads(th_http_method_t method, const char *path, const char *route, const char *value) {
    th_raw_path_t raw;
    th_error_t error = {{0}, {0}};
    if (!th_raw_path_read(&raw, method, th_slice_of(path), ORG, &error))
        fail_msg("%s: %s", path, error.message);
    assert_string_equal(raw.route->path, route);
    if (value) {
        assert_true(raw.value_count > 0);
        assert_true(th_slice_is(raw.values[raw.value_count - 1].value, value));
    } else {
        assert_int_equal(raw.value_count, 0);
    }
}

static void refuses(th_http_method_t method, th_slice_t path, const char *code, const char *says) {
    th_raw_path_t raw;
    th_error_t error = {{0}, {0}};
    if (th_raw_path_read(&raw, method, path, ORG, &error))
        fail_msg("%.*s is taken as %s", (int)path.length, path.data, raw.route->path);
    if (strcmp(error.code, code) != 0 || !strstr(error.message, says))
        fail_msg("%.*s: %s, \"%s\" lacks \"%s\"", (int)path.length, path.data, error.code,
                 error.message, says);
}

static void what_is_written_plainly_is_found(void **state) {
    (void)state;
    reads(TH_HTTP_GET, "/me", "/me", NULL);
    reads(TH_HTTP_GET, "/organizations/{org}/tags", "/organizations/{org}/tags", NULL);
    reads(TH_HTTP_GET, "/organizations/" ORG_TEXT "/tags/", "/organizations/{org}/tags", NULL);
    reads(TH_HTTP_GET, "/Organizations/0F1E2D3C4B5A69788796A5B4C3D2E1F0/TAGS",
          "/organizations/{org}/tags", NULL);
    reads(TH_HTTP_GET, "/organizations/%7Borg%7d/t%61gs", "/organizations/{org}/tags", NULL);
    reads(TH_HTTP_DELETE, "/organizations/{org}/tags/" HEX, "/organizations/{org}/tags/{tag_id}",
          HEX);
    reads(TH_HTTP_PUT, "/organizations/{org}/guests/ann%40example.com/enable",
          "/organizations/{org}/guests/{email}/enable", "ann@example.com");
    reads(TH_HTTP_GET, "/organizations/{org}/guests/ann+b@example.com",
          "/organizations/{org}/guests/{email}", "ann+b@example.com");
    reads(TH_HTTP_PATCH, "/organizations/{org}/runs/" HEX "/custom-fields/budget",
          "/organizations/{org}/runs/{run_id}/custom-fields/{key}", "budget");
}

/* What has the fewest placeholders wins, among those with the method. */
static void the_most_literal_route_wins(void **state) {
    (void)state;
    reads(TH_HTTP_POST, "/organizations/{org}/users/invite", "/organizations/{org}/users/invite",
          NULL);
    reads(TH_HTTP_PUT, "/organizations/{org}/users/41002", "/organizations/{org}/users/{user_id}",
          "41002");
    refuses(TH_HTTP_PUT, TH_SLICE("/organizations/{org}/users/invite"), "not_found",
            "only for POST");
    reads(TH_HTTP_POST, "/organizations/{org}/checklists/tags",
          "/organizations/{org}/checklists/tags", NULL);
    reads(TH_HTTP_DELETE, "/organizations/{org}/checklists/tags/15",
          "/organizations/{org}/checklists/tags/{association_id}", "15");
}

static void tricks_are_refused(void **state) {
    (void)state;
#define BAD(text, says) refuses(TH_HTTP_GET, TH_SLICE(text), "bad_request", says)
    BAD("", "begin with");
    BAD("me", "begin with");
    BAD("https://api.tallyfy.com/me", "begin with");
    BAD("/organizations/{org}/../me", "dot segment");
    BAD("/organizations/{org}/./tags", "dot segment");
    BAD("/organizations/{org}/...", "dot segment");
    BAD("/organizations/{org}/%2e%2e/%2E%2e/oauth/token", "dot segment");
    BAD("/organizations/{org}/.%2e/tags", "dot segment");
    BAD("/", "empty segment");
    BAD("/organizations//tags", "empty segment");
    BAD("//evil.example/me", "empty segment");
    BAD("/organizations/{org}/tags//", "empty segment");
    BAD("/organizations/{org}%2Ftags", "encoded slash");
    BAD("/organizations/{org}/tags/..%2f..%2foauth", "encoded slash");
    BAD("/organizations/{org}\\tags", "backslash");
    BAD("/organizations/{org}/tags%5c..", "backslash");
    BAD("/organizations/{org}/%252e%252e/tags", "encoded twice");
    BAD("/organizations/{org}/tags/%2561", "encoded twice");
    BAD("/organizations/{org}/tags?x=1", "query");
    BAD("/organizations/{org}/tags%3Fx=1", "query");
    BAD("/organizations/{org}/tags#top", "fragment");
    BAD("/organizations/{org}/tags;v=1", "';'");
    BAD("/organizations/{org}/tags\r\nX-Admin: 1", "control byte");
    BAD("/organizations/{org}/tags%0d%0aHost:x", "control byte");
    BAD("/organizations/{org}/tags\0/x", "control byte");
    BAD("/organizations/{org}/tags%00", "control byte");
    BAD("/organizations/{org}/tags ", "blank");
    BAD("/organizations/{org}/t\xc0\xafgs", "non-ASCII");
    BAD("/organizations/{org}/\xef\xbc\x8e\xef\xbc\x8e/tags", "non-ASCII");
    BAD("/organizations/{org}/tags%", "encodes nothing");
    BAD("/organizations/{org}/tags%4", "encodes nothing");
    BAD("/organizations/{org}/tags%zz", "encodes nothing");
    BAD("/a/b/c/d/e/f/g/h/i/j/k/l/m", "more parts");
    char longest[TH_RAW_PATH_MAX + 2];
    memset(longest, 'a', sizeof longest);
    longest[0] = '/';
    refuses(TH_HTTP_GET, th_slice(longest, sizeof longest), "bad_request", "longer");
}

static void other_organisations_and_routes_are_refused(void **state) {
    (void)state;
    refuses(TH_HTTP_GET, TH_SLICE("/organizations/" HEX "/tags"), "forbidden",
            "another organization");
    refuses(TH_HTTP_GET, TH_SLICE("/organizations/" ORG_TEXT "x/tags"), "forbidden", "another");
    refuses(TH_HTTP_GET, TH_SLICE("/organizations/{ORG}/tags"), "forbidden", "another");
    refuses(TH_HTTP_GET, TH_SLICE("/organizations/{org_id}/tags"), "forbidden", "another");
    static const char *const absent[] = {
        "/oauth/token",
        "/oauth/authorize",
        "/applications/{org}/users",
        "/applications/{org}/users/a@b.example/token",
        "/docs/index",
        "/health",
        "/admin",
        "/metrics",
        "/current-user/1/organizations",
        "/organizations",
        "/organizations/{org}/admin",
        "/organizations/{org}/tags/nonsense",
        "/organizations/{org}/users/ann",
        "/organizations/{org}/users/-1x",
        "/organizations/{org}/guests/noaddress",
        "/organizations/{org}/file/" HEX "/dl",
    };
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        refuses(TH_HTTP_GET, th_slice_of(absent[i]), "not_found", "no documented route");
    char address[400] = "/organizations/{org}/guests/a@";
    memset(address + strlen(address), 'b', 300);
    refuses(TH_HTTP_GET, th_slice_of(address), "not_found", "no documented route");
    refuses(TH_HTTP_DELETE, TH_SLICE("/me"), "not_found", "only for GET");
    refuses(TH_HTTP_POST, TH_SLICE("/organizations/{org}/file"), "not_found", "no documented");
    refuses(TH_HTTP_HEAD, TH_SLICE("/me"), "not_found", "only for GET");
}

/* Longest first, and at the same length the fewest placeholders: what matching relies on. */
static void the_table_is_in_order(void **state) {
    (void)state;
    int parts_before = 99, holes_before = 0;
    assert_true(th_route_count > 100);
    for (size_t i = 0; i < th_route_count; i++) {
        int parts = 0, holes = 0, values = 0;
        for (const char *at = th_routes[i].path; *at; at++) {
            parts += *at == '/';
            holes += *at == '{';
        }
        values = holes - (strstr(th_routes[i].path, "{org}") != NULL);
        assert_true(parts < parts_before || (parts == parts_before && holes >= holes_before));
        assert_true(parts <= TH_RAW_PARTS_MAX && values <= TH_RAW_VALUES_MAX);
        assert_true(th_routes[i].methods != 0 && th_routes[i].domain[0] != '\0');
        parts_before = parts;
        holes_before = holes;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_plainly_is_found),
        cmocka_unit_test(the_most_literal_route_wins),
        cmocka_unit_test(tricks_are_refused),
        cmocka_unit_test(other_organisations_and_routes_are_refused),
        cmocka_unit_test(the_table_is_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
