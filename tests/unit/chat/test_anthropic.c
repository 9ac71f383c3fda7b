/* test_anthropic.c - the Messages API: what is sent, what its stream becomes, and everything that
 * can go wrong on the way. */
#include "chat/model_fixture.h"

#define EVENT(json) "event: x\ndata: " json "\n\n"
#define START                                                                  \
    EVENT("{\"type\":\"message_start\",\"message\":{\"content\":[],\"usage\":" \
          "{\"input_tokens\":10,\"cache_read_input_tokens\":4,"                \
          "\"cache_creation_input_tokens\":null,\"output_tokens\":1}}}")
#define TEXT_START(i)                                      \
    EVENT("{\"type\":\"content_block_start\",\"index\":" i \
          ",\"content_block\":{\"type\":\"text\",\"text\":\"\"}}")
#define TEXT(i, text)                                      \
    EVENT("{\"type\":\"content_block_delta\",\"index\":" i \
          ",\"delta\":{\"type\":\"text_delta\",\"text\":\"" text "\"}}")
#define TOOL_START(i, id, name)                                                          \
    EVENT("{\"type\":\"content_block_start\",\"index\":" i                               \
          ",\"content_block\":{\"type\":\"tool_use\",\"id\":\"" id "\",\"name\":\"" name \
          "\",\"input\":{},\"caller\":{\"type\":\"direct\"}}}")
#define INPUT(i, json)                                     \
    EVENT("{\"type\":\"content_block_delta\",\"index\":" i \
          ",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"" json "\"}}")
#define STOP(i) EVENT("{\"type\":\"content_block_stop\",\"index\":" i "}")
#define REASON(reason)                                                       \
    EVENT("{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" reason \
          "\"},\"usage\":{\"output_tokens\":7}}")
#define END EVENT("{\"type\":\"message_stop\"}")
#define HELLO                                                                                 \
    START TEXT_START("0") TEXT("0", "Gr\xc3\xbc\xc3\x9f ") TEXT("0", "dich \xf0\x9f\x98\x80") \
        STOP("0") REASON("end_turn") END
#define HELLO_TEXT "Gr\xc3\xbc\xc3\x9f dich \xf0\x9f\x98\x80"
#define ERROR_HEAD(status, more) \
    "HTTP/1.1 " status " X\r\nContent-Type: application/json\r\nConnection: close\r\n" more "\r\n"
#define ERROR_BODY(type, message)                                                 \
    "{\"type\":\"error\",\"error\":{\"type\":\"" type "\",\"message\":\"" message \
    "\"},\"request_id\":\"req_1\"}"

static void run(fixture_t *fixture, const answer_t *answers, size_t count) {
    run_script(fixture, TH_CHAT_PROVIDER_ANTHROPIC, answers, count);
}

static void run_body(fixture_t *fixture, const char *body) {
    const answer_t answer = {.body = body};
    run(fixture, &answer, 1);
}

/* ---- what is sent ---- */

static void a_request_is_what_the_api_wants(void **state) {
    (void)state;
    fixture_t fixture;
    open_fixture(&fixture, TH_CHAT_PROVIDER_ANTHROPIC);
    fixture.answers[0] = (answer_t){.body = HELLO};
    fixture.answer_count = 1;
    start(&fixture,
          "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"go\"}]},"
          "{\"role\":\"assistant\",\"content\":["
          "{\"type\":\"opaque\",\"provider\":\"anthropic\",\"value\":{\"type\":\"thinking\","
          "\"thinking\":\"hm\",\"signature\":\"s\"}},"
          "{\"type\":\"opaque\",\"provider\":\"openai\",\"value\":{\"x\":1}},"
          "{\"type\":\"text\",\"text\":\" \"},"
          "{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"notes.add\",\"input\":{\"text\":\"a\"},"
          "\"mine\":1}]},"
          "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"and\"},"
          "{\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"text\":\"no\",\"is_error\":true,"
          "\"data\":{\"big\":1}}]},"
          "{\"role\":\"assistant\",\"content\":[]}]",
          TOOLS);
    wait_until_done(&fixture);
    const char *request = fixture.requests[0], *body = body_of(&fixture, 0);
    assert_non_null(strstr(request, "POST /base/v1/messages HTTP/1.1\r\n"));
    assert_non_null(strstr(request, "\r\nx-api-key: " KEY "\r\n"));
    assert_non_null(strstr(request, "\r\nanthropic-version: 2023-06-01\r\n"));
    assert_non_null(strstr(request, "\r\nContent-Type: application/json\r\n"));
    assert_null(strcasestr(request, "\r\nAuthorization:"));
    assert_string_equal(
        body,
        "{\"model\":\"test-model\",\"max_tokens\":1000,\"stream\":true,\"tools\":["
        "{\"name\":\"get_task\",\"description\":\"Shows one\","
        "\"input_schema\":{\"type\":\"object\",\"properties\":{}}},"
        "{\"name\":\"notes_add_b9240963\",\"input_schema\":{\"type\":\"object\",\"properties\":"
        "{\"text\":{\"type\":\"string\"}}},\"cache_control\":{\"type\":\"ephemeral\"}}],"
        "\"system\":[{\"type\":\"text\",\"text\":\"Be kind.\","
        "\"cache_control\":{\"type\":\"ephemeral\"}}],"
        "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"go\"}]},"
        "{\"role\":\"assistant\",\"content\":["
        "{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"s\"},"
        "{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"notes_add_b9240963\","
        "\"input\":{\"text\":\"a\"}}]},"
        "{\"role\":\"user\",\"content\":["
        "{\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"content\":\"no\",\"is_error\":true},"
        "{\"type\":\"text\",\"text\":\"and\",\"cache_control\":{\"type\":\"ephemeral\"}}]}],"
        "\"metadata\":{\"user_id\":\"p1\"}}");
    close_fixture(&fixture);
}

static void a_history_with_calls_always_has_tools(void **state) {
    (void)state;
    fixture_t fixture;
    open_fixture(&fixture, TH_CHAT_PROVIDER_ANTHROPIC);
    fixture.answers[0] = (answer_t){.body = HELLO};
    fixture.answer_count = 1;
    start(
        &fixture,
        "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"go\"}]},"
        "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"x\","
        "\"input\":{}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
        "\"tool_use_id\":\"t1\",\"text\":\"\"}]}]",
        "[]");
    wait_until_done(&fixture);
    assert_non_null(strstr(body_of(&fixture, 0), "\"tools\":[{"));
    assert_non_null(strstr(body_of(&fixture, 0), "\"tool_choice\":{\"type\":\"none\"}"));
    assert_non_null(strstr(body_of(&fixture, 0), /* empty text: no content at all */
                           "{\"type\":\"tool_result\",\"tool_use_id\":\"t1\","
                           "\"cache_control\":"));
    close_fixture(&fixture);
}

static void what_cannot_be_sent_is_refused_at_once(void **state) {
    (void)state;
    static const th_completion_handlers_t handlers = {on_text, on_tool, on_completed};
    fixture_t fixture;
    open_fixture(&fixture, TH_CHAT_PROVIDER_ANTHROPIC);
    fixture.settings.chat_request_bytes = 200;
    const struct {
        const char *history, *tools, *code;
    } cases[] = {
        {"[", "", "bad_json"},
        {ASK, "[{\"name\":\"a\"},{\"name\":\"a\"}]", "name_clash"},
        {"[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"0123456789012345678901234"
         "56789012345678901234567890123456789012345678901234567890123456789012345678901234567\"}]}"
         "]",
         "", "too_large"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const th_completion_request_t request = {.system = TH_SLICE("Be kind."),
                                                 .history_json = th_slice_of(cases[i].history),
                                                 .tools_json = th_slice_of(cases[i].tools)};
        th_error_t error = {0};
        assert_null(fixture.provider->operations->start(fixture.provider, &request, &handlers,
                                                        &fixture, &error));
        assert_string_equal(error.code, cases[i].code);
    }
    assert_int_equal(fixture.done, 0);
    close_fixture(&fixture);
}

/* ---- what comes back ---- */

static void text_streams_and_is_counted(void **state) {
    (void)state;
    fixture_t fixture;
    for (size_t piece = 0; piece < 400; piece = piece * 3 + 1) {
        const answer_t answer = {.body = HELLO, .piece = piece};
        run(&fixture, &answer, 1);
        assert_string_equal(fixture.error.code, "");
        assert_string_equal(fixture.text, HELLO_TEXT);
        assert_string_equal(fixture.content, "[{\"type\":\"text\",\"text\":\"" HELLO_TEXT "\"}]");
        assert_int_equal(fixture.reason, TH_STOP_END);
        assert_int_equal(fixture.usage.input_tokens, 10);
        assert_int_equal(fixture.usage.output_tokens, 7);
        assert_int_equal(fixture.usage.cache_read_tokens, 4);
        assert_int_equal(fixture.usage.cache_write_tokens, 0);
        if (piece == 0) piece = 1;
    }
}

static void tool_calls_come_at_the_end_with_their_own_names(void **state) {
    (void)state;
    fixture_t fixture;
    run_body(&fixture,
             START TEXT_START("0") TEXT("0", "Looking.") STOP("0") TOOL_START("1", "t1", "get_task")
                 INPUT("1", "") INPUT("1", "{\\\"id\\\": \\\"a") INPUT("1", "\\\\u00e4\\\"}")
                     STOP("1") TOOL_START("2", "t2", "notes_add_b9240963") STOP("2")
                         TOOL_START("3", "t2", "nobody_knows") INPUT("3", "  ") STOP("3")
                             REASON("tool_use") END);
    assert_string_equal(fixture.error.code, "");
    assert_int_equal(fixture.reason, TH_STOP_TOOLS);
    assert_string_equal(fixture.text, "Looking.");
    const char *third = strstr(fixture.tools, "call_");
    assert_non_null(third); /* an id that was there already */
    assert_memory_equal(fixture.tools, "t1 get_task {\"id\": \"a\\u00e4\"};t2 notes.add {};call_",
                        strlen("t1 get_task {\"id\": \"a\\u00e4\"};t2 notes.add {};call_"));
    assert_non_null(strstr(third, " nobody_knows {};"));
    assert_non_null(strstr(fixture.content,
                           "{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"get_task\","
                           "\"input\":{\"id\": \"a\\u00e4\"}}"));
    assert_non_null(strstr(fixture.content, "\"id\":\"call_"));
}

static void inputs_that_cannot_be_used_say_why(void **state) {
    (void)state;
    fixture_t fixture;
    static char body[16384], many[5000];
    memset(many, 'x', sizeof many - 1);
    const struct {
        const char *input, *code;
    } cases[] = {
        {"{\\\"a\\\": ", "bad_json"},
        {"[1]", "bad_json"},
        {"{\\\"a\\\":1,\\\"a\\\":2}", "duplicate_key"},
        {"{\\\"a\\\":1} {}", "bad_json"},
        {many, "too_large"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char wanted[100];
        snprintf(body, sizeof body,
                 "%sevent: x\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
                 "{\"type\":\"input_json_delta\",\"partial_json\":\"%s\"}}\n\n%s",
                 START TOOL_START("0", "t1", "get_task"), cases[i].input,
                 STOP("0") REASON("tool_use") END);
        run_body(&fixture, body);
        snprintf(wanted, sizeof wanted, "t1 get_task {} %s;", cases[i].code);
        assert_string_equal(fixture.tools, wanted);
        assert_int_equal(fixture.reason, TH_STOP_TOOLS);
        assert_non_null(strstr(fixture.content, "\"input\":{}"));
    }
    run_body(&fixture, START TOOL_START("0", "t1", "get_task") REASON("tool_use") END);
    assert_string_equal(fixture.tools, "t1 get_task {} bad_json;"); /* never closed */
    run_body(&fixture, START TOOL_START("0", "t1", "") STOP("0") REASON("tool_use") END);
    assert_string_equal(fixture.tools, "t1  {} bad_call;");
}

static void two_hundred_calls_in_one_answer_all_come(void **state) {
    (void)state;
    fixture_t fixture;
    size_t length, calls = 0;
    char *body = NULL;
    FILE *out = open_memstream(&body, &length);
    fputs(START, out);
    for (int i = 0; i < 200; i++)
        fprintf(out,
                "data: {\"type\":\"content_block_start\",\"index\":%d,\"content_block\":{\"type\":"
                "\"tool_use\",\"id\":\"t%d\",\"name\":\"get_task\",\"input\":{}}}\n\n"
                "data: {\"type\":\"content_block_stop\",\"index\":%d}\n\n",
                i, i, i);
    fputs(REASON("tool_use") END, out);
    fclose(out);
    run_body(&fixture, body);
    for (const char *at = fixture.tools; (at = strstr(at, " get_task {};")); at++)
        calls++;
    assert_int_equal(calls, 200);
    free(body);
}

static void calls_are_not_run_unless_the_model_stopped_for_them(void **state) {
    (void)state;
    fixture_t fixture;
    const struct {
        const char *body;
        th_stop_reason_t reason;
        const char *code;
    } cases[] = {
        {START TOOL_START("0", "t1", "get_task") INPUT("0", "{") STOP("0") REASON("max_tokens") END,
         TH_STOP_LENGTH, ""},
        {START TOOL_START("0", "t1", "get_task") STOP("0") REASON("end_turn") END, TH_STOP_END, ""},
        {START TOOL_START("0", "t1", "get_task") STOP("0") REASON("pause_turn") END, TH_STOP_PAUSE,
         ""},
        {START TOOL_START("0", "t1", "get_task") STOP("0") REASON("model_context_window_exceeded")
             END,
         TH_STOP_CONTEXT, ""},
        {START TOOL_START("0", "t1", "get_task") STOP("0") REASON("something_new") END,
         TH_STOP_OTHER, ""},
        {START TOOL_START("0", "t1", "get_task") STOP("0") REASON("refusal") END, TH_STOP_REFUSAL,
         "refused"},
        {START REASON("stop_sequence") END, TH_STOP_END, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        run_body(&fixture, cases[i].body);
        assert_string_equal(fixture.tools, "");
        assert_string_equal(fixture.content, "[]");
        assert_int_equal(fixture.reason, cases[i].reason);
        assert_string_equal(fixture.error.code, cases[i].code);
    }
}

static void a_refusal_gives_its_reason(void **state) {
    (void)state;
    fixture_t fixture;
    run_body(&fixture,
             START EVENT("{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"refusal\","
                         "\"stop_details\":{\"category\":\"x\",\"explanation\":\"Not\\u0007 "
                         "this.\"}}}") END);
    assert_int_equal(fixture.reason, TH_STOP_REFUSAL);
    assert_string_equal(fixture.error.message, "the model declined to answer this: Not this.");
}

static void thinking_is_kept_as_it_was_signed(void **state) {
    (void)state;
    fixture_t fixture;
    run_body(
        &fixture,
        START EVENT("{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":"
                    "\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}")
            EVENT("{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
                  "\"thinking_delta\",\"thinking\":\"hm \"}}")
                EVENT("{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
                      "\"thinking_delta\",\"thinking\":\"so\"}}")
                    EVENT("{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
                          "\"signature_delta\",\"signature\":\"c2ln\"}}") STOP("0")
                        EVENT("{\"type\":\"content_block_start\",\"index\":1,\"content_block\":"
                              "{\"type\":\"redacted_thinking\",\"data\":\"eA==\"}}") STOP("1")
                            EVENT("{\"type\":\"content_block_start\",\"index\":2,"
                                  "\"content_block\":{\"type\":\"thinking\",\"thinking\":\"cut\"}}")
                                TEXT_START("3") TEXT("3", "Yes.") STOP("3") REASON("end_turn") END);
    assert_string_equal(fixture.text, "Yes.");
    assert_string_equal(fixture.content,
                        "[{\"type\":\"opaque\",\"provider\":\"anthropic\",\"value\":{\"type\":"
                        "\"thinking\",\"thinking\":\"hm so\",\"signature\":\"c2ln\"}},"
                        "{\"type\":\"opaque\",\"provider\":\"anthropic\",\"value\":{\"type\":"
                        "\"redacted_thinking\",\"data\":\"eA==\"}},"
                        "{\"type\":\"text\",\"text\":\"Yes.\"}]");
}

static void what_is_new_is_ignored(void **state) {
    (void)state;
    fixture_t fixture;
    run_body(&fixture,
             ": comment\n\n" EVENT("{\"type\":\"ping\"}")
                 START EVENT("{\"type\":\"brand_new\",\"index\":0}")
                     EVENT("{\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
                           "{\"type\":\"hologram\",\"text\":\"no\"}}")
                         EVENT("{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
                               "\"text_delta\",\"text\":\"no\"}}") STOP("0") TEXT_START("1")
                             EVENT("{\"type\":\"content_block_delta\",\"index\":1,\"delta\":"
                                   "{\"type\":\"sparkle_delta\",\"text\":\"no\"}}")
                                 EVENT("{\"type\":\"ping\"}") TEXT("1", "yes") STOP("1")
                                     REASON("end_turn") REASON("end_turn")
                                         END EVENT("{\"type\":\"error\"}"));
    assert_string_equal(fixture.error.code, "");
    assert_string_equal(fixture.text, "yes");
}

/* ---- what goes wrong ---- */

static void events_that_make_no_sense_end_the_answer(void **state) {
    (void)state;
    fixture_t fixture;
    const char *const bodies[] = {
        "data: {\n\n",
        "data: []\n\n",
        "data: \xff\xfe\n\n",
        START "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
              "\"text_delta\",\"text\":\"\xc3\"}}\n\n",
        START START,
        TEXT_START("0"),
        START TEXT("0", "x"),
        START TEXT_START("0") TEXT_START("0"),
        START TEXT_START("0") STOP("0") TEXT("0", "x"),
        START STOP("0"),
        START EVENT("{\"type\":\"content_block_start\",\"content_block\":{\"type\":\"text\"}}"),
        START END,
        START REASON("tool_use") END,
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        run_body(&fixture, bodies[i]);
        assert_string_equal(fixture.error.code, "bad_answer");
        assert_int_equal(fixture.reason, TH_STOP_OTHER);
        assert_int_equal(atomic_load(&fixture.request_count), 1); /* it would not get better */
    }
}

static void a_cut_anywhere_is_told_and_never_looks_whole(void **state) {
    (void)state;
    fixture_t fixture;
    const size_t length = strlen(STREAM_HEAD HELLO);
    for (size_t cut = 1; cut < length - 1; cut += 7) { /* the last line end is no loss */
        open_fixture(&fixture, TH_CHAT_PROVIDER_ANTHROPIC);
        fixture.settings.chat_retries = 0;
        fixture.answers[0] = (answer_t){.body = HELLO, .cut = cut};
        fixture.answer_count = 1;
        ask(&fixture);
        assert_string_equal(fixture.error.code, "broken");
        assert_int_equal(fixture.reason, TH_STOP_OTHER);
        assert_memory_equal(fixture.text, HELLO_TEXT, strlen(fixture.text));
        if (fixture.text[0]) assert_non_null(strstr(fixture.content, fixture.text));
        close_fixture(&fixture);
    }
}

static void what_was_not_shown_is_asked_again(void **state) {
    (void)state;
    fixture_t fixture;
    const answer_t first[] = {
        {.head = "", .cut = 0},
        {.head = ERROR_HEAD("529", "retry-after-ms: 1\r\n"),
         .body = ERROR_BODY("overloaded_error", "Overloaded")},
        {.head = ERROR_HEAD("429", "retry-after: 0\r\n"),
         .body = ERROR_BODY("rate_limit_error", "Slow down")},
        {.head = ERROR_HEAD("500", "retry-after: Thu, 01 Jan 1970 00:00:00 GMT\r\n")},
        {.head = ERROR_HEAD("502", "retry-after: 0\r\n"), .body = "<html>no</html>"},
        {.head = ERROR_HEAD("400", "x-should-retry: true\r\nretry-after: 0\r\n")},
        {.body = START EVENT("{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
                             "\"message\":\"Overloaded\"}}")},
        {.body = START TOOL_START("0", "t1", "get_task") INPUT("0", "{")},
    };
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
        const answer_t answers[] = {first[i], {.body = HELLO}};
        run(&fixture, answers, 2);
        assert_string_equal(fixture.error.code, "");
        assert_string_equal(fixture.text, HELLO_TEXT);
        assert_string_equal(fixture.tools, "");
        assert_int_equal(atomic_load(&fixture.request_count), 2);
    }
}

static void what_was_shown_is_never_asked_again(void **state) {
    (void)state;
    fixture_t fixture;
    const answer_t answers[] = {
        {.body = START TEXT_START("0") TEXT("0", "Half") EVENT(
             "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"x\"}}")},
        {.body = HELLO}};
    run(&fixture, answers, 2);
    assert_string_equal(fixture.error.code, "overloaded");
    assert_string_equal(fixture.text, "Half");
    assert_string_equal(fixture.content, "[{\"type\":\"text\",\"text\":\"Half\"}]");
    assert_int_equal(atomic_load(&fixture.request_count), 1);
}

static void retries_end(void **state) {
    (void)state;
    fixture_t fixture;
    const answer_t overloaded = {.head = ERROR_HEAD("529", "retry-after: 0\r\n"),
                                 .body = ERROR_BODY("overloaded_error", "Overloaded")};
    const answer_t answers[] = {overloaded, overloaded, overloaded, {.body = HELLO}};
    run(&fixture, answers, 4);
    assert_string_equal(fixture.error.code, "overloaded");
    assert_int_equal(atomic_load(&fixture.request_count), 3);

    const answer_t patient[] = {{.head = ERROR_HEAD("429", "retry-after: 31\r\n")},
                                {.body = HELLO}};
    run(&fixture, patient, 2); /* longer than all waits may be: told at once */
    assert_string_equal(fixture.error.code, "rate_limited");
    assert_int_equal(atomic_load(&fixture.request_count), 1);
}

static void refusals_are_told_in_words_and_without_the_key(void **state) {
    (void)state;
    fixture_t fixture;
    const struct {
        const char *head, *body, *code, *says;
    } cases[] = {
        {ERROR_HEAD("400", ""), ERROR_BODY("invalid_request_error", "max_tokens: wrong"),
         "rejected", "max_tokens: wrong"},
        {ERROR_HEAD("400", ""), ERROR_BODY("invalid_request_error", "prompt is too long: 9 > 8"),
         "too_large", "too long"},
        {ERROR_HEAD("401", ""), ERROR_BODY("authentication_error", "bad " KEY), "unauthenticated",
         "key"},
        {ERROR_HEAD("400", ""), ERROR_BODY("invalid_request_error", "bad " KEY), "rejected",
         "turned"},
        {ERROR_HEAD("402", ""), ERROR_BODY("billing_error", "pay"), "rejected", "billing: pay"},
        {ERROR_HEAD("403", ""), ERROR_BODY("permission_error", "no"), "unauthenticated", "may not"},
        {ERROR_HEAD("404", ""), ERROR_BODY("not_found_error", "model: x"), "rejected", "model: x"},
        {ERROR_HEAD("413", ""), ERROR_BODY("request_too_large", "big"), "too_large", "too long"},
        {ERROR_HEAD("429", ""),
         "{\"error\":{\"type\":\"rate_limit_error\",\"message\":\"m\",\"details\":{\"error_code\":"
         "\"enforced_spend_limit_reached\"}}}",
         "rejected", "spend limit"},
        {ERROR_HEAD("503", "x-should-retry: false\r\n"), "", "overloaded", "overloaded"},
        {"HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "",
         "bad_answer", "redirects"},
        {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n", "<p>hi</p>",
         "bad_answer", "text/html"},
        {"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n"
         "Connection: close\r\n\r\n",
         "\x1f\x8b", "bad_answer", "encoding"},
        {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n",
         ERROR_BODY("permission_error", "x"), "unauthenticated", "may not"},
        {"HTTP/1.1 204 X\r\n\r\n", "", "bad_answer", "204"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const answer_t answer = {.head = cases[i].head, .body = cases[i].body};
        run(&fixture, &answer, 1);
        assert_string_equal(fixture.error.code, cases[i].code);
        if (!strstr(fixture.error.message, cases[i].says))
            fail_msg("%s does not say %s", fixture.error.message, cases[i].says);
        assert_int_equal(fixture.reason,
                         strcmp(cases[i].code, "too_large") == 0 ? TH_STOP_CONTEXT : TH_STOP_OTHER);
        assert_int_equal(atomic_load(&fixture.request_count), 1);
    }
}

static void an_endless_answer_is_ended(void **state) {
    (void)state;
    fixture_t fixture;
    static char body[400 * 1024];
    size_t length = (size_t)snprintf(body, sizeof body, "%s", START TEXT_START("0"));
    while (length < sizeof body - 3000)
        length += (size_t)snprintf(body + length, sizeof body - length,
                                   "data: {\"type\":\"ping\",\"x\":\"%02000d\"}\n\n", 0);
    run_body(&fixture, body);
    assert_string_equal(fixture.error.code, "too_large");
    snprintf(body, sizeof body, "%sdata: {\"type\":\"ping\",\"x\":\"%070000d\"}\n\n", START, 0);
    run_body(&fixture, body);
    assert_string_equal(fixture.error.code, "bad_answer"); /* one event */
}

static void a_stall_ends_within_its_limit(void **state) {
    (void)state;
    fixture_t fixture;
    const answer_t answers[] = {{.head = "", .stalls = true},
                                {.body = START, .stalls = true},
                                {.body = START TEXT_START("0") TEXT("0", "Half"), .stalls = true}};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        open_fixture(&fixture, TH_CHAT_PROVIDER_ANTHROPIC);
        fixture.settings.chat_answer_timeout = 300;
        fixture.answers[0] = answers[i];
        fixture.answer_count = 1;
        ask(&fixture);
        assert_string_equal(fixture.error.code, "timeout");
        assert_int_equal(atomic_load(&fixture.request_count), 1);
        close_fixture(&fixture);
    }
}

static void an_answer_counts_once_its_last_event_came(void **state) {
    (void)state;
    fixture_t fixture;
    const answer_t answer = {.body = HELLO, .stalls = true}; /* the body never ends */
    run(&fixture, &answer, 1);
    assert_string_equal(fixture.error.code, "");
    assert_string_equal(fixture.text, HELLO_TEXT);
}

/* ---- the person, or the host, stops ---- */

static void it_can_be_cancelled_at_any_moment(void **state) {
    (void)state;
    fixture_t fixture;
    const struct {
        answer_t answer;
        unsigned text, tool;
    } cases[] = {
        {{.body = HELLO}, 1, 0},
        {{.body = HELLO}, 2, 0},
        {{.body = HELLO, .stalls = true}, 2, 0},
        {{.body = START TOOL_START("0", "t1", "get_task") STOP("0")
              TOOL_START("1", "t2", "get_task") STOP("1") REASON("tool_use") END},
         0,
         1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        open_fixture(&fixture, TH_CHAT_PROVIDER_ANTHROPIC);
        fixture.answers[0] = cases[i].answer;
        fixture.answer_count = 1;
        fixture.cancel_at_text = cases[i].text;
        fixture.cancel_at_tool = cases[i].tool;
        ask(&fixture);
        assert_true(fixture.cancelled);
        close_fixture(&fixture);
        assert_int_equal(fixture.done, 0);
    }
    /* Before anything came, and in the pause before another attempt. */
    const answer_t waiting[] = {{.head = "", .stalls = true},
                                {.head = ERROR_HEAD("529", "retry-after: 20\r\n")}};
    for (size_t i = 0; i < 2; i++) {
        open_fixture(&fixture, TH_CHAT_PROVIDER_ANTHROPIC);
        fixture.answers[0] = waiting[i];
        fixture.answer_count = 1;
        start(&fixture, ASK, TOOLS);
        while (!atomic_load(&fixture.request_count))
            uv_run(&fixture.worker.loop, UV_RUN_NOWAIT);
        for (int turns = 0; turns < 50; turns++)
            uv_run(&fixture.worker.loop, UV_RUN_NOWAIT);
        th_usage_t spent = {0, 0, 0, 0};
        fixture.provider->operations->spent(fixture.completion, &spent);
        if (i == 0) assert_true(spent.input_tokens > 0); /* it was sent: it may cost */
        fixture.provider->operations->cancel(fixture.completion);
        close_fixture(&fixture);
        assert_int_equal(fixture.done, 0);
    }
}

static void a_stopping_host_ends_it_with_an_error(void **state) {
    (void)state;
    fixture_t fixture;
    const answer_t waiting[] = {{.head = "", .stalls = true},
                                {.body = START TEXT_START("0") TEXT("0", "Half"), .stalls = true},
                                {.head = ERROR_HEAD("529", "retry-after: 20\r\n")}};
    for (size_t i = 0; i < 3; i++) {
        open_fixture(&fixture, TH_CHAT_PROVIDER_ANTHROPIC);
        fixture.answers[0] = waiting[i];
        fixture.answer_count = 1;
        start(&fixture, ASK, TOOLS);
        while (!atomic_load(&fixture.request_count) || (i == 1 && !fixture.texts))
            uv_run(&fixture.worker.loop, UV_RUN_NOWAIT);
        close_fixture(&fixture);
        assert_int_equal(fixture.done, 1);
        assert_string_equal(fixture.error.code, "broken");
    }
}

/* ---- settings ---- */

static void mistakes_in_the_settings_are_told_at_start(void **state) {
    (void)state;
    fixture_t fixture;
    open_fixture(&fixture, TH_CHAT_PROVIDER_ANTHROPIC);
    const char *const urls[] = {"http://api.example.com",
                                "ftp://x",
                                "https://",
                                "api.example.com",
                                "https://user@x.example",
                                "https://x.example/?a=b",
                                "http://127.0.0.1.example.com",
                                "http://localhost@x.example"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        th_error_t error = {0};
        snprintf(fixture.settings.chat_base_url, sizeof fixture.settings.chat_base_url, "%s",
                 urls[i]);
        assert_null(th_provider_open(&fixture.worker, fixture.key, &error));
        assert_string_equal(error.code, "bad_setting");
    }
    th_error_t error = {0};
    snprintf(fixture.settings.chat_base_url, sizeof fixture.settings.chat_base_url,
             "http://127.0.0.1:1");
    assert_null(th_provider_open(&fixture.worker, NULL, &error));
    assert_string_equal(error.code, "no_key");
    fixture.settings.chat_plain_http = false;
    assert_null(th_provider_open(&fixture.worker, fixture.key, &error));
    assert_string_equal(error.code, "bad_setting");
    fixture.settings.chat_base_url[0] = '\0';
    fixture.settings.chat_model[0] = '\0';
    assert_null(th_provider_open(&fixture.worker, fixture.key, &error));
    assert_string_equal(error.code, "bad_setting");
    assert_non_null(strstr(error.message, "chat.model"));
    close_fixture(&fixture);
}

static void the_key_leaves_the_environment(void **state) {
    (void)state;
    th_error_t error = {0};
    th_model_key_t *key = NULL;
    char line[100];
    setenv(TH_MODEL_KEY_VARIABLE, "sk-abc", 1);
    assert_true(th_model_key_take(&key, &error));
    assert_null(getenv(TH_MODEL_KEY_VARIABLE));
    assert_int_equal(th_model_key_header(key, line, sizeof line), strlen("x-api-key: sk-abc"));
    assert_string_equal(line, "x-api-key: sk-abc");
    assert_int_equal(th_model_key_bearer(key, line, 20), 0); /* does not fit */
    assert_true(th_model_key_occurs(key, TH_SLICE("see sk-abc.")));
    assert_false(th_model_key_occurs(key, TH_SLICE("see sk-ab")));
    th_model_key_free(key);
    assert_true(th_model_key_take(&key, &error));
    assert_null(key);
    setenv(TH_MODEL_KEY_VARIABLE, "sk abc", 1);
    assert_false(th_model_key_take(&key, &error));
    assert_string_equal(error.code, "bad_credential");
    assert_null(strstr(error.message, "sk abc"));
    assert_null(getenv(TH_MODEL_KEY_VARIABLE));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_what_the_api_wants),
        cmocka_unit_test(a_history_with_calls_always_has_tools),
        cmocka_unit_test(what_cannot_be_sent_is_refused_at_once),
        cmocka_unit_test(text_streams_and_is_counted),
        cmocka_unit_test(tool_calls_come_at_the_end_with_their_own_names),
        cmocka_unit_test(inputs_that_cannot_be_used_say_why),
        cmocka_unit_test(two_hundred_calls_in_one_answer_all_come),
        cmocka_unit_test(calls_are_not_run_unless_the_model_stopped_for_them),
        cmocka_unit_test(a_refusal_gives_its_reason),
        cmocka_unit_test(thinking_is_kept_as_it_was_signed),
        cmocka_unit_test(what_is_new_is_ignored),
        cmocka_unit_test(events_that_make_no_sense_end_the_answer),
        cmocka_unit_test(a_cut_anywhere_is_told_and_never_looks_whole),
        cmocka_unit_test(what_was_not_shown_is_asked_again),
        cmocka_unit_test(what_was_shown_is_never_asked_again),
        cmocka_unit_test(retries_end),
        cmocka_unit_test(refusals_are_told_in_words_and_without_the_key),
        cmocka_unit_test(an_endless_answer_is_ended),
        cmocka_unit_test(a_stall_ends_within_its_limit),
        cmocka_unit_test(an_answer_counts_once_its_last_event_came),
        cmocka_unit_test(it_can_be_cancelled_at_any_moment),
        cmocka_unit_test(a_stopping_host_ends_it_with_an_error),
        cmocka_unit_test(mistakes_in_the_settings_are_told_at_start),
        cmocka_unit_test(the_key_leaves_the_environment),
    };
    return cmocka_run_group_tests(tests, start_client, stop_client);
}
