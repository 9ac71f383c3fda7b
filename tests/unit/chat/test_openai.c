/* test_openai.c - chat completions: what is sent, and the many ways in which servers stream it. */
#include "chat/model_fixture.h"

#define DATA(json) "data: " json "\n\n"
#define CHUNK(delta, finish)                                                             \
    DATA("{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0," \
         "\"delta\":" delta ",\"finish_reason\":" finish "}]}")
#define SAY(text) CHUNK("{\"content\":\"" text "\"}", "null")
#define CALL(json) CHUNK("{\"tool_calls\":[" json "]}", "null")
#define FINISH(reason) CHUNK("{}", "\"" reason "\"")
#define USAGE                                                                       \
    DATA("{\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":7," \
         "\"prompt_tokens_details\":{\"cached_tokens\":4}}}")
#define DONE DATA("[DONE]")
#define HELLO                                                  \
    CHUNK("{\"role\":\"assistant\",\"content\":\"\"}", "null") \
    SAY("Gr\xc3\xbc\xc3\x9f ") SAY("dich") FINISH("stop") USAGE DONE
#define HELLO_TEXT "Gr\xc3\xbc\xc3\x9f dich"

static void run(fixture_t *fixture, const answer_t *answers, size_t count) {
    run_script(fixture, TH_CHAT_PROVIDER_OPENAI, answers, count);
}

static void run_body(fixture_t *fixture, const char *body) {
    const answer_t answer = {.body = body};
    run(fixture, &answer, 1);
}

/* ---- what is sent ---- */

static void a_request_is_what_the_api_wants(void **state) {
    (void)state;
    fixture_t fixture;
    open_fixture(&fixture, TH_CHAT_PROVIDER_OPENAI);
    fixture.answers[0] = (answer_t){.body = HELLO};
    fixture.answer_count = 1;
    start(&fixture,
          "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"go\"}]},"
          "{\"role\":\"assistant\",\"content\":[{\"type\":\"opaque\",\"provider\":\"anthropic\","
          "\"value\":1},{\"type\":\"text\",\"text\":\"one\"},{\"type\":\"text\",\"text\":\"two\"},"
          "{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"notes.add\",\"input\":{\"text\":"
          "\"a\\\"b\"}},{\"type\":\"tool_use\",\"id\":\"t2\",\"name\":\"get_task\",\"input\":{}}]},"
          "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"and\"},"
          "{\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"text\":\"no\",\"is_error\":true},"
          "{\"type\":\"tool_result\",\"tool_use_id\":\"t2\",\"text\":\"yes\",\"data\":{}}]},"
          "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t3\",\"name\":"
          "\"get_task\",\"input\":{}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
          "\"tool_use_id\":\"t3\",\"text\":\"\"}]}]",
          TOOLS);
    wait_until_done(&fixture);
    assert_non_null(strstr(fixture.requests[0], "POST /base/chat/completions HTTP/1.1\r\n"));
    assert_non_null(strstr(fixture.requests[0], "\r\nAuthorization: Bearer " KEY "\r\n"));
    assert_string_equal(
        body_of(&fixture, 0),
        "{\"model\":\"test-model\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
        "\"max_tokens\":1000,\"user\":\"p1\",\"tools\":[{\"type\":\"function\",\"function\":"
        "{\"name\":\"get_task\",\"description\":\"Shows one\",\"parameters\":{\"type\":\"object\","
        "\"properties\":{}}}},{\"type\":\"function\",\"function\":{\"name\":\"notes_add_b9240963\","
        "\"parameters\":{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"}}}}}],"
        "\"messages\":[{\"role\":\"system\",\"content\":\"Be kind.\"},"
        "{\"role\":\"user\",\"content\":\"go\"},"
        "{\"role\":\"assistant\",\"content\":\"one\\n\\ntwo\",\"tool_calls\":["
        "{\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"notes_add_b9240963\","
        "\"arguments\":\"{\\\"text\\\":\\\"a\\\\\\\"b\\\"}\"}},"
        "{\"id\":\"t2\",\"type\":\"function\",\"function\":{\"name\":\"get_task\","
        "\"arguments\":\"{}\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"t1\",\"content\":\"Error: no\"},"
        "{\"role\":\"tool\",\"tool_call_id\":\"t2\",\"content\":\"yes\"},"
        "{\"role\":\"user\",\"content\":\"and\"},"
        "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"t3\",\"type\":"
        "\"function\",\"function\":{\"name\":\"get_task\",\"arguments\":\"{}\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"t3\",\"content\":\"\"}]}");
    close_fixture(&fixture);
}

static void a_local_server_needs_no_key(void **state) {
    (void)state;
    fixture_t fixture;
    th_error_t error = {0};
    open_fixture(&fixture, TH_CHAT_PROVIDER_OPENAI);
    fixture.provider->operations->close(fixture.provider);
    fixture.provider = th_provider_open(&fixture.worker, NULL, &error);
    assert_non_null(fixture.provider);
    fixture.answers[0] = (answer_t){.body = HELLO};
    fixture.answer_count = 1;
    start(&fixture, ASK, "");
    wait_until_done(&fixture);
    assert_string_equal(fixture.text, HELLO_TEXT);
    assert_null(strcasestr(fixture.requests[0], "authorization"));
    assert_null(strstr(body_of(&fixture, 0), "\"tools\""));
    fixture.settings.chat_base_url[0] = '\0'; /* the real one does */
    assert_null(th_provider_open(&fixture.worker, NULL, &error));
    assert_string_equal(error.code, "no_key");
    close_fixture(&fixture);
}

/* ---- what comes back ---- */

static void text_streams_and_is_counted(void **state) {
    (void)state;
    fixture_t fixture;
    for (size_t piece = 0; piece < 300; piece = piece * 3 + 1) {
        const answer_t answer = {.body = HELLO, .piece = piece};
        run(&fixture, &answer, 1);
        assert_string_equal(fixture.error.code, "");
        assert_string_equal(fixture.text, HELLO_TEXT);
        assert_string_equal(fixture.content, "[{\"type\":\"text\",\"text\":\"" HELLO_TEXT "\"}]");
        assert_int_equal(fixture.reason, TH_STOP_END);
        assert_int_equal(fixture.usage.input_tokens, 6); /* without the cached */
        assert_int_equal(fixture.usage.cache_read_tokens, 4);
        assert_int_equal(fixture.usage.output_tokens, 7);
    }
}

static void calls_come_however_a_server_streams_them(void **state) {
    (void)state;
    fixture_t fixture;
    const struct {
        const char *body, *tools;
    } cases[] = {
        /* as OpenAI does: id and name once, arguments in pieces, two at once */
        {CALL("{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"get_task\","
              "\"arguments\":\"\"}}") CALL("{\"index\":0,\"function\":{\"arguments\":\"{\\\"id\"}}")
             CALL("{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"notes_add_b9240963\","
                  "\"arguments\":\"{}\"}}")
                 CALL("{\"index\":0,\"function\":{\"arguments\":\"\\\":1}\"}}") FINISH("tool_calls")
                     USAGE DONE,
         "a get_task {\"id\":1};b notes.add {};"},
        /* whole calls in one chunk, without index, `stop` at the end, no [DONE] */
        {CALL("{\"id\":\"a\",\"function\":{\"name\":\"get_task\",\"arguments\":\"{\\\"id\\\":1}\"}}"
              ",{\"id\":\"b\",\"function\":{\"name\":\"get_task\",\"arguments\":\"{}\"}}")
             FINISH("stop"),
         "a get_task {\"id\":1};b get_task {};"},
        /* index 0 for each */
        {CALL(
             "{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"get_task\",\"arguments\":\"{}\"}}")
             CALL("{\"index\":0,\"id\":\"b\",\"function\":{\"name\":\"get_task\","
                  "\"arguments\":\"{}\"}}") FINISH("tool_calls") DONE,
         "a get_task {};b get_task {};"},
        /* arguments as an object */
        {CALL("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"get_task\",\"arguments\":"
              "{\"id\":1}}}") FINISH("tool_calls") DONE,
         "a get_task {\"id\":1};"},
        /* a message instead of a delta */
        {DATA("{\"choices\":[{\"message\":{\"content\":null,\"tool_calls\":[{\"id\":\"a\","
              "\"function\":{\"name\":\"get_task\",\"arguments\":\"{}\"}}]},"
              "\"finish_reason\":\"tool_calls\"}]}") DONE,
         "a get_task {};"},
        /* broken arguments */
        {CALL("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"get_task\",\"arguments\":\"{\"}}")
             FINISH("tool_calls") DONE,
         "a get_task {} bad_json;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        run_body(&fixture, cases[i].body);
        assert_string_equal(fixture.error.code, "");
        assert_int_equal(fixture.reason, TH_STOP_TOOLS);
        assert_string_equal(fixture.tools, cases[i].tools);
    }
}

static void calls_without_ids_get_their_own(void **state) {
    (void)state;
    fixture_t fixture;
    run_body(&fixture,
             CALL("{\"function\":{\"name\":\"get_task\",\"arguments\":\"{}\"}}")
                 CALL("{\"function\":{\"name\":\"get_task\",\"arguments\":\"{\\\"id\\\":\"}}")
                     CALL("{\"function\":{\"arguments\":\"2}\"}}") FINISH("tool_calls") DONE);
    char first[100], second[100];
    assert_int_equal(
        sscanf(fixture.tools, "%99s get_task {};%99s get_task {\"id\":2};", first, second), 2);
    assert_memory_equal(first, "call_", 5);
    assert_memory_equal(second, "call_", 5);
    assert_string_not_equal(first, second);
}

static void every_end_is_told_apart(void **state) {
    (void)state;
    fixture_t fixture;
    const char *const call =
        CALL("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"get_task\",\"arguments\":\"{\"}}");
    char body[2000];
    const struct {
        const char *end;
        th_stop_reason_t reason;
        const char *code;
    } cases[] = {
        {FINISH("length") DONE, TH_STOP_LENGTH, ""},
        {FINISH("content_filter") DONE, TH_STOP_REFUSAL, "refused"},
        {FINISH("brand_new") DONE, TH_STOP_OTHER, ""},
        {CHUNK("{\"refusal\":\"I \"}", "null") CHUNK("{\"refusal\":\"will not.\"}", "null")
             FINISH("stop") DONE,
         TH_STOP_REFUSAL, "refused"},
        {DONE, TH_STOP_OTHER, "bad_answer"},
        {"", TH_STOP_OTHER, "broken"},
        {DATA("{\"error\":{\"message\":\"The server had an error\",\"type\":\"server_error\"}}"),
         TH_STOP_OTHER, "broken"},
        {DATA("{\"error\":\"out of memory\"}"), TH_STOP_OTHER, "broken"},
        {DATA("{\"error\":{\"message\":\"long\",\"code\":\"context_length_exceeded\"}}"),
         TH_STOP_CONTEXT, "too_large"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(body, sizeof body, "%s%s%s", SAY("Well"), call, cases[i].end);
        run_body(&fixture, body);
        assert_int_equal(fixture.reason, cases[i].reason);
        assert_string_equal(fixture.error.code, cases[i].code);
        assert_string_equal(fixture.tools, "");
        assert_string_equal(fixture.content, "[{\"type\":\"text\",\"text\":\"Well\"}]");
    }
}

static void nonsense_is_survived(void **state) {
    (void)state;
    fixture_t fixture;
    const char *const bodies[] = {
        "data: nonsense\n\n",
        DATA("7"),
        DATA("{\"choices\":[{\"delta\":{\"content\":\"\xc3\"}}]}"),
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        run_body(&fixture, bodies[i]);
        assert_string_equal(fixture.error.code, "bad_answer");
    }
    run_body(&fixture,
             DATA("{}") DATA("{\"choices\":7}") DATA("{\"choices\":[7]}") CHUNK("7", "7")
                 CHUNK("{\"content\":7,\"tool_calls\":7,\"refusal\":7}", "null")
                     DATA("{\"usage\":{\"prompt_tokens\":-1,\"completion_tokens\":\"x\"}}")
                         SAY("yes") FINISH("stop") DONE DATA("{"));
    assert_string_equal(fixture.error.code, "");
    assert_string_equal(fixture.text, "yes");
    assert_true(fixture.usage.input_tokens > 0); /* nonsense is no count: see below */
}

/* Some local servers never say what an answer cost: it must not be free, nor a refusal cost. */
static void an_answer_without_usage_is_estimated(void **state) {
    (void)state;
    fixture_t fixture;
    run_body(&fixture, SAY("0123456789abcdef") FINISH("stop") DONE);
    assert_string_equal(fixture.error.code, "");
    assert_int_equal(fixture.usage.output_tokens, 4);
    assert_true(fixture.usage.input_tokens > 10); /* of a request of some hundred bytes */
    run_body(&fixture, SAY("0123456789abcdef") DATA("{\"error\":{\"message\":\"m\"}}"));
    assert_true(fixture.error.code[0]);
    assert_int_equal(fixture.usage.output_tokens, 4);
    const answer_t refused = {
        .head = "HTTP/1.1 401 X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n",
        .body = "{\"error\":{\"message\":\"m\"}}"};
    run(&fixture, &refused, 1);
    assert_string_equal(fixture.error.code, "unauthenticated");
    assert_int_equal(fixture.usage.input_tokens + fixture.usage.output_tokens, 0);
}

static void errors_are_told_and_retried_as_the_status_says(void **state) {
    (void)state;
    fixture_t fixture;
    const answer_t answers[] = {
        {.head = "HTTP/1.1 429 X\r\nContent-Type: application/json\r\nRetry-After: 0\r\n"
                 "Connection: close\r\n\r\n",
         .body = "{\"error\":{\"message\":\"m\",\"type\":\"requests\",\"code\":"
                 "\"rate_limit_exceeded\"}}"},
        {.body = HELLO}};
    run(&fixture, answers, 2);
    assert_string_equal(fixture.text, HELLO_TEXT);
    assert_string_equal(fixture.error.code, "");

    const answer_t quota = {
        .head = "HTTP/1.1 429 X\r\nContent-Type: application/json\r\nRetry-After: 0\r\n"
                "Connection: close\r\n\r\n",
        .body = "{\"error\":{\"message\":\"You exceeded your current quota\",\"type\":"
                "\"insufficient_quota\",\"code\":\"insufficient_quota\"}}"};
    run(&fixture, &quota, 1);
    assert_string_equal(fixture.error.code, "rejected");
    assert_int_equal(atomic_load(&fixture.request_count), 1);

    const answer_t with_200 = {
        .head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n",
        .body = "{\"error\":{\"message\":\"no such model\",\"code\":\"model_not_found\"}}"};
    run(&fixture, &with_200, 1);
    assert_string_equal(fixture.error.code, "rejected");
    assert_non_null(strstr(fixture.error.message, "no such model"));
}

static void a_cut_before_the_end_reason_never_looks_whole(void **state) {
    (void)state;
    fixture_t fixture;
    const char *const whole = STREAM_HEAD HELLO;
    const size_t known = (size_t)(strstr(whole, "\"stop\"") - whole);
    for (size_t cut = 1; cut < known; cut += 11) {
        open_fixture(&fixture, TH_CHAT_PROVIDER_OPENAI);
        fixture.settings.chat_retries = 0;
        fixture.answers[0] = (answer_t){.body = HELLO, .cut = cut};
        fixture.answer_count = 1;
        ask(&fixture);
        assert_string_equal(fixture.error.code, "broken");
        assert_memory_equal(fixture.text, HELLO_TEXT, strlen(fixture.text));
        close_fixture(&fixture);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_what_the_api_wants),
        cmocka_unit_test(a_local_server_needs_no_key),
        cmocka_unit_test(text_streams_and_is_counted),
        cmocka_unit_test(calls_come_however_a_server_streams_them),
        cmocka_unit_test(calls_without_ids_get_their_own),
        cmocka_unit_test(every_end_is_told_apart),
        cmocka_unit_test(nonsense_is_survived),
        cmocka_unit_test(an_answer_without_usage_is_estimated),
        cmocka_unit_test(errors_are_told_and_retried_as_the_status_says),
        cmocka_unit_test(a_cut_before_the_end_reason_never_looks_whole),
    };
    return cmocka_run_group_tests(tests, start_client, stop_client);
}
