/* The page over HTTP: its files, what the headers allow a browser, 304, 404; and that what the page
 * names is there. */
#include "check.h"

#include <stdio.h>

#include "chat/page.h"
#include "cli/chat_page.h"

/* An exchange that keeps its one answer. */
typedef struct answer {
    th_http_exchange_t exchange; /* first */
    int status;
    char type[64], policy[2048], etag[64], cache[32], all[4096];
    size_t length;
} answer_t;

static void keep(th_http_exchange_t *exchange, const th_http_response_t *response) {
    answer_t *answer = (answer_t *)(void *)exchange;
    assert_int_equal(answer->status, 0);
    answer->status = response->status;
    answer->length = response->body.length;
    (void)snprintf(answer->type, sizeof answer->type, "%s",
                   response->content_type ? response->content_type : "");
    for (size_t i = 0; i < response->header_count; i++) {
        th_slice_t name = response->headers[i].name, value = response->headers[i].value;
        size_t at = strlen(answer->all);
        assert_true(at + name.length + value.length + 4 < sizeof answer->all);
        (void)snprintf(answer->all + at, sizeof answer->all - at, "%.*s: %.*s\n", (int)name.length,
                       name.data, (int)value.length, value.data);
        char *into = th_slice_is(name, "Content-Security-Policy") ? answer->policy
                     : th_slice_is(name, "ETag")                  ? answer->etag
                     : th_slice_is(name, "Cache-Control")         ? answer->cache
                                                                  : NULL;
        if (into) memcpy(into, value.data, value.length), into[value.length] = '\0';
    }
}

static const th_http_exchange_operations_t operations = {.respond = keep};

static answer_t get(const char *path, const char *host, const char *known) {
    answer_t answer = {.exchange.operations = &operations};
    const th_http_header_t headers[] = {
        {TH_SLICE("Host"), th_slice_of(host)},
        {TH_SLICE("If-None-Match"), th_slice_of(known ? known : "")},
    };
    const th_http_request_t request = {
        .method = TH_HTTP_GET,
        .target = th_slice_of(path),
        .path = th_slice_of(path),
        .headers = headers,
        .header_count = known ? 2 : 1,
    };
    th_chat_page(&answer.exchange, &request, NULL);
    return answer;
}

static void the_page_and_its_files_are_served(void **state) {
    (void)state;
    static const struct {
        const char *path, *type;
    } cases[] = {{"/", "text/html; charset=utf-8"},
                 {"/app/main.js", "text/javascript; charset=utf-8"},
                 {"/app/base.css", "text/css; charset=utf-8"},
                 {"/app/icon.svg", "image/svg+xml"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        answer_t answer = get(cases[i].path, "127.0.0.1:9001", NULL);
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer.type, cases[i].type);
        assert_true(answer.length > 100);
        assert_non_null(strstr(answer.all, "X-Frame-Options: DENY\n"));
        assert_non_null(strstr(answer.all, "Referrer-Policy: no-referrer\n"));
    }
}

static void the_policy_allows_nothing_from_elsewhere(void **state) {
    (void)state;
    answer_t answer = get("/", "chat.example.com:9001", NULL);
    assert_non_null(strstr(answer.policy, "default-src 'none'; script-src 'self';"));
    assert_non_null(strstr(answer.policy, "connect-src 'self' ws://chat.example.com:9001 "
                                          "wss://chat.example.com:9001;"));
    assert_non_null(strstr(answer.policy, "frame-ancestors 'none'"));
    assert_non_null(strstr(answer.policy, "require-trusted-types-for 'script'"));
    assert_null(strstr(answer.policy, "unsafe"));
    assert_null(strstr(answer.policy, "*"));
}

static void a_host_can_add_nothing_to_the_policy(void **state) {
    (void)state;
    char longest[400];
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    const char *const hosts[] = {"", "a; script-src *", "a 'unsafe-inline'", "a,b", "a/b", longest};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        answer_t answer = get("/", hosts[i], NULL);
        assert_int_equal(answer.status, 200);
        assert_non_null(strstr(answer.policy, "connect-src 'self'; base-uri"));
    }
}

static void a_known_file_is_not_sent_again(void **state) {
    (void)state;
    answer_t first = get("/app/main.js", "localhost", NULL);
    assert_string_equal(first.cache, "no-cache");
    char list[128];
    (void)snprintf(list, sizeof list, "\"other\", W/%s", first.etag);
    const char *const known[] = {first.etag, list, "*"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        answer_t again = get("/app/main.js", "localhost", known[i]);
        assert_int_equal(again.status, 304);
        assert_int_equal(again.length, 0);
        assert_string_equal(again.etag, first.etag);
    }
    assert_int_equal(get("/app/main.js", "localhost", "\"0123\"").status, 200);
    assert_int_equal(get("/app/base.css", "localhost", first.etag).status, 200);
}

static void what_is_not_a_file_of_the_page_is_not_found(void **state) {
    (void)state;
    const char *const paths[] = {"/app/",         "/app/../app/main.js", "/index.html",
                                 "/app/main.js/", "/app/MAIN.js",        "/app/%6dain.js",
                                 "/etc/hostname", "/app/none.js"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        answer_t answer = get(paths[i], "localhost", NULL);
        assert_int_equal(answer.status, 404);
        assert_string_equal(answer.cache, "no-store");
        assert_string_equal(answer.etag, "");
        assert_true(*answer.policy);
    }
}

/* Finds every "<before>NAME" in the file and holds that /app/NAME is a file of the page. */
static size_t check_names(const th_page_file_t *file, const char *before) {
    size_t count = 0, length = strlen(before);
    const char *at = file->body.data, *end = at + file->body.length;
    while ((at = memmem(at, (size_t)(end - at), before, length))) {
        at += length;
        size_t name = strcspn(at, "\"?#");
        char path[128];
        (void)snprintf(path, sizeof path, "/app/%.*s", (int)name, at);
        if (!th_page_find(th_slice_of(path))) fail_msg("%s names %s", file->path, path);
        count++;
    }
    return count;
}

static void every_file_that_is_named_is_there(void **state) {
    (void)state;
    size_t links = 0, imports = 0;
    for (size_t i = 0; i < th_page_file_count; i++) {
        links += check_names(&th_page_files[i], "=\"app/");
        imports += check_names(&th_page_files[i], "from \"./");
    }
    assert_true(links >= 5);
    assert_true(imports >= 20);
}

static void people_are_offered_only_with_a_practice_organisation(void **state) {
    (void)state;
    th_http_route_t routes[TH_CHAT_PAGE_ROUTES_MAX];
    int place = 0;
    assert_int_equal(th_chat_page_routes(routes, NULL), 2);
    for (size_t i = 0; i < 2; i++)
        assert_null(strstr(routes[i].path, "practice"));
    assert_int_equal(th_chat_page_routes(routes, (th_practice_t *)(void *)&place), 3);
    assert_string_equal(routes[2].path, "/practice/people");
    assert_ptr_equal(routes[2].arg, &place);
    for (size_t i = 0; i < 3; i++)
        assert_false(routes[i].cross_origin || routes[i].any_origin);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_and_its_files_are_served),
        cmocka_unit_test(the_policy_allows_nothing_from_elsewhere),
        cmocka_unit_test(a_host_can_add_nothing_to_the_policy),
        cmocka_unit_test(a_known_file_is_not_sent_again),
        cmocka_unit_test(what_is_not_a_file_of_the_page_is_not_found),
        cmocka_unit_test(every_file_that_is_named_is_there),
        cmocka_unit_test(people_are_offered_only_with_a_practice_organisation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
