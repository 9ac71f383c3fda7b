/* test_error_map.c - every error shape the API is known to have, as a person will read it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "tallyfy/error_map.h"

static th_json_parser_t *parser;

static void map_as(th_api_error_t *error, int status, th_http_method_t method, const char *body) {
    th_error_t problem;
    th_json_document_t *document = NULL;
    if (body[0] == '{' || body[0] == '[') {
        document = th_json_parse(parser, th_slice_of(body), &th_json_limits_answer, &problem);
        if (!document) fail_msg("%s: %s", body, problem.message);
    }
    th_error_answer_t answer = {.status = status,
                                .method = method,
                                .body = th_json_root(document),
                                .text = th_slice_of(body),
                                .request_id = TH_SLICE("req-1")};
    th_error_map_answer(error, &answer);
    th_json_unref(document);
}

static void map(th_api_error_t *error, int status, const char *body) {
    map_as(error, status, TH_HTTP_GET, body);
}

static void statuses_become_words(void **state) {
    (void)state;
    static const struct {
        int status;
        const char *body, *code, *message;
    } rows[] = {
        {400, "{\"error\":true,\"message\":\"Malformed\"}", "bad_request", "Malformed"},
        {401, "{\"error\":true,\"message\":\"Unauthenticated.\"}", "unauthenticated",
         "Unauthenticated."},
        {401, "{\"error\":\"invalid_client\"}", "unauthenticated", "invalid_client"},
        {401, "", "unauthenticated", "Tallyfy does not accept this key"},
        {403, "{\"message\":\"This action is forbidden.\"}", "forbidden",
         "This action is forbidden."},
        {403, "{\"error\":true,\"message\":\"This field is used by a rule\"}", "refused",
         "This field is used by a rule"},
        {403, "", "forbidden", "Tallyfy does not allow this"},
        {404, "{\"error\":true,\"message\":\"Resource not found\",\"code\":\"RESOURCE_NOT_FOUND\"}",
         "not_found", "Resource not found"},
        {409, "{\"error\":{\"code\":\"X\",\"message\":\"inside\"},\"message\":\"outside\"}",
         "conflict", "inside"},
        {422, "{\"error\":true,\"message\":\"The task is done already\"}", "refused",
         "The task is done already"},
        {422, "{\"error\":true,\"errors\":{\"name\":[\"The name is required.\"]}}", "validation",
         "Tallyfy refused the input [name: The name is required.]"},
        {429, "{\"message\":\"Too many\",\"code\":\"RATE_LIMIT_EXCEEDED\"}", "rate_limited",
         "Too many"},
        {500, "{\"error\":true,\"message\":\"Server Error\"}", "unavailable", "Server Error"},
        {502, "<html><body>Bad gateway</body></html>", "unavailable",
         "Tallyfy is not available at the moment"},
        {503, "down for maintenance", "unavailable", "down for maintenance"},
        {302, "", "bad_answer",
         "Tallyfy answered with a redirect, which is not followed; check tallyfy.base_url"},
        {418, "[]", "bad_request", "Tallyfy refused the request"},
        {422, "{\"error\":false,\"message\":null}", "refused", "Tallyfy refused the input"},
        {422, "{\"message\":[\"no\"],\"error\":[1]}", "refused", "Tallyfy refused the input"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        th_api_error_t error;
        map(&error, rows[i].status, rows[i].body);
        assert_string_equal(error.message, rows[i].message);
        assert_string_equal(error.code, rows[i].code);
        assert_int_equal(error.status, rows[i].status);
        assert_string_equal(error.request_id, "req-1");
        assert_false(error.maybe_done);
    }
}

static void field_errors_are_flattened_in_order(void **state) {
    (void)state;
    th_api_error_t error;
    map(&error, 422,
        "{\"message\":\"The given data was invalid.\",\"errors\":{\"tasks.a1.owners\":[\"Bad "
        "owner.\",\"Pick "
        "one.\"],\"title\":\"Too "
        "long\",\"options.0\":[{\"text\":\"empty\"},{\"id\":7}],\"deep\":{\"a\":{\"b\":[\"x\"]}}}"
        "}");
    assert_string_equal(error.code, "validation");
    assert_string_equal(error.field, "tasks.a1.owners");
    assert_string_equal(
        error.message,
        "The given data was invalid. [tasks.a1.owners: Bad owner.; Pick one. | title: Too "
        "long | options.0: empty; 7 | deep: x]");
}

static void many_and_long_field_errors_are_cut(void **state) {
    (void)state;
    char body[16384] = "{\"errors\":{";
    for (int i = 0; i < 15; i++) {
        size_t had = strlen(body);
        snprintf(body + had, sizeof body - had, "%s\"f%d\":[\"bad\"]", i ? "," : "", i);
    }
    strcat(body, "}}");
    th_api_error_t error;
    map(&error, 422, body);
    assert_non_null(strstr(error.message, "f11: bad (+3 more)]"));
    assert_null(strstr(error.message, "f12"));

    snprintf(body, sizeof body, "{\"message\":\"M\",\"errors\":{\"f\":[\"");
    for (int i = 0; i < 2000; i++)
        strcat(body, "\xc3\xa4");
    strcat(body, "\"]}}");
    map(&error, 422, body);
    size_t length = strlen(error.message);
    assert_true(length < sizeof error.message && length > 850);
    assert_string_equal(error.message + length - 4, "...]");
    assert_int_equal((length - strlen("M [f: ") - 4) % 2, 0); /* no half letter */

    snprintf(body, sizeof body, "{\"message\":\"");
    for (int i = 0; i < 2000; i++)
        strcat(body, "m");
    strcat(body, "\",\"errors\":{\"field_x\":[\"said\"]}}");
    map(&error, 422, body);
    assert_non_null(strstr(error.message, "[field_x: said]"));
}

static void hints_say_what_to_do(void **state) {
    (void)state;
    th_api_error_t error;
    map(&error, 401, "{\"message\":\"x\"}");
    assert_non_null(strstr(error.hint, "Sign in"));
    static const char *const auth[] = {"Unauthorized", "Your TOKEN is old", "it expired",
                                       "Access denied", "wrong audience"};
    for (size_t i = 0; i < sizeof auth / sizeof *auth; i++) {
        char body[128];
        snprintf(body, sizeof body, "{\"message\":\"%s\"}", auth[i]);
        map(&error, 403, body);
        assert_non_null(strstr(error.hint, "Sign in"));
        assert_string_equal(error.code, "forbidden");
    }
    map(&error, 403, "{\"message\":\"Guest still holds tasks\"}");
    assert_string_equal(error.hint, "");
    /* The words count in the sentence, not among the fields. */
    map(&error, 403, "{\"message\":\"No.\",\"errors\":{\"token\":[\"expired\"]}}");
    assert_string_equal(error.hint, "");
    map(&error, 403, "{\"errors\":{\"a\":[\"b\"]}}");
    assert_string_equal(error.code, "refused");

    map(&error, 409,
        "{\"error\":{\"code\":\"SEAT_POOL_EXHAUSTED\",\"message\":\"Full\",\"details\":{\"pool_"
        "type\":\"light\"}}}");
    assert_non_null(strstr(error.hint, "No light seat"));
    map(&error, 409,
        "{\"error\":{\"code\":\"SEAT_POOL_EXHAUSTED\",\"details\":{\"pool_type\":\"<b>evil\"}}}");
    assert_non_null(strstr(error.hint, "No available seat"));
    map(&error, 409, "{\"error\":{\"code\":\"OTHER\"}}");
    assert_string_equal(error.hint, "");

    th_error_answer_t limited = {.status = 429, .retry_after_s = 90};
    th_error_map_answer(&error, &limited);
    assert_non_null(strstr(error.hint, "90 seconds"));
    assert_int_equal(error.retry_after_s, 90);
}

static void writes_that_may_have_happened_say_so(void **state) {
    (void)state;
    th_api_error_t error;
    map_as(&error, 502, TH_HTTP_POST, "");
    assert_true(error.maybe_done);
    assert_non_null(strstr(error.hint, "check whether it happened"));
    map_as(&error, 422, TH_HTTP_POST, "{\"message\":\"no\"}");
    assert_false(error.maybe_done);
    th_error_map_bad_answer(&error, 200, TH_HTTP_PUT, "an HTML page", th_slice(NULL, 0));
    assert_true(error.maybe_done);
    assert_string_equal(error.message,
                        "Tallyfy answered with an HTML page where JSON was expected");
    th_error_map_bad_answer(&error, 200, TH_HTTP_GET, "an HTML page", th_slice(NULL, 0));
    assert_false(error.maybe_done);
}

static void failures_without_an_answer_have_fixed_texts(void **state) {
    (void)state;
    static const struct {
        th_fetch_outcome_t outcome;
        const char *code, *message;
        bool maybe_done; /* of a write */
    } rows[] = {
        {TH_FETCH_NO_CONNECT, "unavailable", "Tallyfy cannot be reached: because", false},
        {TH_FETCH_NO_SECRET, "unauthenticated", "Not signed in to Tallyfy: because", false},
        {TH_FETCH_BROKEN, "unavailable",
         "The connection to Tallyfy broke before its answer was complete", true},
        {TH_FETCH_TIMEOUT, "timeout", "Tallyfy did not answer within 30 seconds", true},
        {TH_FETCH_TOO_LARGE, "too_large",
         "Tallyfy's answer is larger than the 8192 KB that are read of one", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        th_error_failure_t failure = {.outcome = rows[i].outcome,
                                      .method = TH_HTTP_POST,
                                      .message = "because",
                                      .timeout_ms = 30000,
                                      .answer_bytes = 8 << 20};
        th_api_error_t error;
        th_error_map_failure(&error, &failure);
        assert_string_equal(error.code, rows[i].code);
        assert_string_equal(error.message, rows[i].message);
        assert_int_equal(error.maybe_done, rows[i].maybe_done);
        assert_true(error.hint[0] != '\0');
        failure.method = TH_HTTP_GET;
        th_error_map_failure(&error, &failure);
        assert_false(error.maybe_done);
    }
}

static void internals_are_cut_off(void **state) {
    (void)state;
    static const struct {
        const char *text, *left;
    } rows[] = {
        {"Could not save the template - SQLSTATE[23505]: Unique violation",
         "Could not save the template"},
        {"SQLSTATE[42P01]: Undefined table", ""},
        {"Failed: SELECT * FROM users", ""}, /* too short a rest to say anything */
        {"Something went wrong here: select * from \"users\" where \"id\" = 3",
         "Something went wrong here"},
        {"The process was not found (Connection: pgsql, SQL: x)", "The process was not found"},
        {"Error saving the thing: Illuminate\\Database\\QueryException", "Error saving the thing"},
        {"Cannot open the page: /var/www/app/Http/Kernel.php:12", "Cannot open the page"},
        {"Server failure occurred #0 /app/vendor/laravel/x", "Server failure occurred"},
        {"Server failure occurred\nStack trace:\n#0 {main}", "Server failure occurred"},
        {"Import has failed \xe2\x80\x94 Traceback (most recent call last): File \"x.py\", line 3",
         "Import has failed"},
        {"Constraint was violated DETAIL: Key (id)=(3) already exists", "Constraint was violated"},
        {"Call to a member function getId() on null", ""},
        {"Trying to get property 'id' of non-object", ""},
        {"<!DOCTYPE html><html><body>Whoops", ""},
        {"No query results for model [App\\Models\\Run] 12", ""},
        /* What people write stays. */
        {"Please select a template from the list", "Please select a template from the list"},
        {"You cannot delete from an archived process",
         "You cannot delete from an archived process"},
        {"Update the title and set a deadline", "Update the title and set a deadline"},
        {"Create table fields with at least one column",
         "Create table fields with at least one column"},
        {"The context of this step is missing", "The context of this step is missing"},
        {"The hint must be text", "The hint must be text"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512];
        snprintf(text, sizeof text, "%s", rows[i].text);
        bool shown = th_error_scrub(text);
        assert_string_equal(text, rows[i].left);
        assert_int_equal(shown, rows[i].left[0] != '\0');
    }
    th_api_error_t error;
    map(&error, 500, "{\"message\":\"SQLSTATE[08006] connection to server at 10.0.0.3\"}");
    assert_string_equal(error.message, "Tallyfy had an internal error");
    map(&error, 422, "{\"message\":\"Bad\",\"errors\":{\"id\":[\"SQLSTATE[1] in run.php\"]}}");
    assert_null(strstr(error.message, "SQLSTATE"));
    assert_string_equal(error.field, "id");
}

static void credentials_and_control_bytes_do_not_pass(void **state) {
    (void)state;
    char text[256] = "Bad header Authorization: Bearer abc.DEF-123_456 sent";
    assert_true(th_error_scrub(text));
    assert_null(strstr(text, "abc.DEF"));
    assert_non_null(strstr(text, "sent"));
    snprintf(text, sizeof text, "Token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln is old");
    th_error_scrub(text);
    assert_null(strstr(text, "eyJ"));
    assert_null(strstr(text, "c2ln"));
    snprintf(text, sizeof text, "two\nlines\tand\x1b[31m colour");
    th_error_scrub(text);
    assert_string_equal(text, "two lines and [31m colour");
}

static void hostile_texts_take_no_time(void **state) {
    (void)state;
    static char text[1024];
    memset(text, ' ', sizeof text - 1);
    for (size_t i = 0; i + 8 < sizeof text; i += 8)
        memcpy(text + i, "select x", 8);
    th_error_scrub(text); /* bounded by the match limit; what matters is that it returns */
    assert_true(strlen(text) < sizeof text);
}

static int open_parser(void **state) {
    (void)state;
    return (parser = th_json_parser_new()) ? 0 : -1;
}

static int close_parser(void **state) {
    (void)state;
    th_json_parser_free(parser);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_become_words),
        cmocka_unit_test(field_errors_are_flattened_in_order),
        cmocka_unit_test(many_and_long_field_errors_are_cut),
        cmocka_unit_test(hints_say_what_to_do),
        cmocka_unit_test(writes_that_may_have_happened_say_so),
        cmocka_unit_test(failures_without_an_answer_have_fixed_texts),
        cmocka_unit_test(internals_are_cut_off),
        cmocka_unit_test(credentials_and_control_bytes_do_not_pass),
        cmocka_unit_test(hostile_texts_take_no_time),
    };
    return cmocka_run_group_tests(tests, open_parser, close_parser);
}
