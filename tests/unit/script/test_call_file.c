/* test_call_file.c - call.api:upload and call.api:download over a fake client: what goes out, whose
 * fault is whose, and the limits. How a body looks is in test_multipart.c, the wire in test_api.c.
 */
#include "check.h"

#include "base/random.h"
#include "call_fixture.h"

static const char *fixture_answer(th_api_t *api, const char *asked) {
    (void)api;
    if (strstr(asked, "/refused")) return "!validation";
    if (strstr(asked, "/empty")) return "";
    if (strstr(asked, "/json")) return "{\"data\": 1}";
    if (strstr(asked, "/bytes")) return "~<p>\xff";
    return "{\"data\":{\"id\":\"a1\",\"filename\":\"plan.pdf\"}}";
}

static int open_all(void **state) {
    (void)state;
    fixture_open();
    fixture.settings.tallyfy_upload_bytes = 3000;
    return 0;
}

static int close_all(void **state) {
    (void)state;
    fixture_close();
    return 0;
}

static result_t r;

static void run_body(const char *body) {
    fixture_tool("t", body);
    fixture_load();
    fixture_call("t", NULL, &r);
}

static void gives_text(const char *body, const char *text) {
    run_body(body);
    if (r.outcome != TH_CALL_OK) fail_msg("%s\n  failed: %s (%s)", body, r.message, r.code);
    assert_string_equal(r.text, text);
}

static void is_bug(const char *body, const char *part) {
    unsigned started = fixture.api.started;
    run_body(body);
    if (r.outcome != TH_CALL_BUG) fail_msg("%s\n  ended with %d: %s", body, r.outcome, r.message);
    if (!fixture_logged(part)) fail_msg("%s\n  the log lacks %s", body, part);
    assert_int_equal(fixture.api.started, started);
}

static void fails(const char *body, const char *code, const char *part) {
    unsigned started = fixture.api.started;
    run_body(body);
    if (r.outcome != TH_CALL_FAILED) fail_msg("%s\n  ended with %d: %s", body, r.outcome, r.text);
    assert_string_equal(r.code, code);
    if (!strstr(r.message, part)) fail_msg("%s\n  said: %s", body, r.message);
    assert_int_equal(fixture.api.started, started);
}

static bool asked(const char *text) {
    return memmem(fixture.api.asked.data, fixture.api.asked.length, text, strlen(text)) != NULL;
}

#define UPLOAD(params, file)                                                              \
    "local v, err = call.api:upload('/organizations/{org}/file', " params ", " file ")\n" \
    "if not v then return nil, err end return v.id .. v.filename"

static void a_file_goes_out_as_a_form(void **state) {
    (void)state;
    gives_text(
        UPLOAD("{ body = { subject_id = 'r1', step = 5 }, query = { a = 1 } }",
               "{ name = '../Plan \"A\".pdf', type = 'application/pdf', content = 'x\\ny' }"),
        "a1plan.pdf");
    assert_true(asked("POST /organizations/ORG/file?a=1 [multipart/form-data; boundary="));
    assert_true(asked("name=\"subject_id\"\r\n\r\nr1\r\n--"));
    assert_true(asked("name=\"step\"\r\n\r\n5\r\n--"));
    assert_true(asked("name=\"name\"; filename=\"Plan _A_.pdf\"\r\nContent-Type: "
                      "application/pdf\r\n\r\nx\ny\r\n--"));
    gives_text(UPLOAD("nil", "{ name = 'a', content = '', field = 'file' }"), "a1plan.pdf");
    assert_true(asked("name=\"file\"; filename=\"a\"\r\nContent-Type: "
                      "application/octet-stream\r\n\r\n\r\n--"));
}

static void base64_arrives_as_bytes(void **state) {
    (void)state;
    static const char *const texts[] = {"aGn/+w==", "aGn/+w", "aGn_-w",
                                        "aGn_-w==", "aGn/\\r\\n +w==\\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char body[512];
        (void)snprintf(body, sizeof body, UPLOAD("{}", "{ name = 'a.bin', base64 = '%s' }"),
                       texts[i]);
        th_buffer_clear(&fixture.api.asked);
        gives_text(body, "a1plan.pdf");
        assert_true(asked("\r\n\r\nhi\xff\xfb\r\n--"));
    }
    fails(UPLOAD("{}", "{ name = 'a', base64 = 'a b c!' }"), "invalid_value", "no base64");
    fails(UPLOAD("{}", "{ name = 'a', base64 = 'YQ==YQ==' }"), "invalid_value", "no base64");
    fails(UPLOAD("{}", "{ name = 'a', base64 = 'Y' }"), "invalid_value", "no base64");
    fails(UPLOAD("{}", "{ name = 'a', base64 = 'data:text/plain;base64,YQ==' }"), "invalid_value",
          "no base64");
}

static void files_are_bounded(void **state) {
    (void)state;
    gives_text(UPLOAD("{}", "{ name = 'a', content = ('x'):rep(3000) }"), "a1plan.pdf");
    fails(UPLOAD("{}", "{ name = 'a', content = ('x'):rep(3001) }"), "too_large", "3000 bytes");
    gives_text(UPLOAD("{}", "{ name = 'a', base64 = ('YWJj'):rep(1000) }"), "a1plan.pdf");
    fails(UPLOAD("{}", "{ name = 'a', base64 = ('YWJj'):rep(1000) .. 'YQ==' }"), "too_large",
          "3000 bytes");
    fails(UPLOAD("{}", "{ name = 'a', base64 = ('YWJj'):rep(100000) }"), "too_large", "3000 bytes");
    fails(UPLOAD("{}", "{ name = 'a/..', content = 'x' }"), "invalid_value", "name of the file");
    fails(UPLOAD("{}", "{ name = 'caf\\xe9', content = 'x' }"), "invalid_value",
          "name of the file");
    assert_string_equal(r.field, "name");
    /* The next body is JSON again. */
    gives_text("call.api:upload('/x', {}, { name = 'a', content = 'x' }) "
               "return call.api:post('/y', { body = { b = 1 } }).id",
               "a1");
    assert_true(asked("POST /y {\"b\":1}\n"));
}

static void it_counts_as_a_request_and_a_write(void **state) {
    (void)state;
    fixture.settings.script_requests = 2;
    gives_text("local err for i = 1, 3 do local v v, err = call.api:upload('/x', {}, { name = 'a', "
               "content = 'x' }) end return err.code",
               "too_many_requests");
    is_bug("local upload = call.api.upload return upload(call.api, '/x', {}, { name = 'a', content "
           "= 'x' })",
           "may only get");
    gives_text("local v, err = call.api:upload('/refused', {}, { name = 'a', content = 'x' }) "
               "return tostring(v) .. err.code",
               "nilvalidation");
    fixture.api.refuse_start = "busy";
    fails(UPLOAD("{}", "{ name = 'a', content = 'x' }"), "busy", "could not be started");
}

static void misuse_raises_with_the_name(void **state) {
    (void)state;
    is_bug("call.api:upload('/x', {})", "takes a path, params and a file");
    is_bug("call.api:upload('/x', {}, 'bytes')", "takes a path, params and a file");
    is_bug("call.api:upload('/x', {}, { name = 'a', content = 'x' }, 1)", "takes a path");
    is_bug(UPLOAD("{}", "{ content = 'x' }"), "file.name is missing");
    is_bug(UPLOAD("{}", "{ name = 'a' }"), "needs one of content (bytes) and base64");
    is_bug(UPLOAD("{}", "{ name = 'a', content = 'x', base64 = 'YQ==' }"), "needs one of");
    is_bug(UPLOAD("{}", "{ name = 'a', content = 5 }"), "file.content must be a string");
    is_bug(UPLOAD("{}", "{ name = 'a', content = 'x', mime = 'a/b' }"), "file.mime is unknown");
    is_bug(UPLOAD("{}", "{ name = 'a', content = 'x', type = 'pdf' }"), "must be a media type");
    is_bug(UPLOAD("{}", "{ name = 'a', content = 'x', type = 'a/b\\r\\nX: 1' }"), "media type");
    is_bug(UPLOAD("{}", "{ name = 'a', content = 'x', field = 'a\"b' }"), "name of a part");
    is_bug(UPLOAD("{ body = 'x' }", "{ name = 'a', content = 'x' }"),
           "params.body must be a table");
    is_bug(UPLOAD("{ body = { 'x' } }", "{ name = 'a', content = 'x' }"), "must have names");
    is_bug(UPLOAD("{ body = { a = {} } }", "{ name = 'a', content = 'x' }"),
           "params.body.a is a table");
    is_bug(UPLOAD("{ body = { ['a\\r\\n'] = 'x' } }", "{ name = 'a', content = 'x' }"),
           "name of a part");
    is_bug(UPLOAD("{ page = 1 }", "{ name = 'a', content = 'x' }"), "params.page is neither");
    is_bug(UPLOAD("{ org = 'o' }", "{ name = 'a', content = 'x' }"), "leave params.org out");
    is_bug("call.api:upload('no-slash', {}, { name = 'a', content = 'x' })", "begins with a slash");
    is_bug("call.api:download('/x', {}, 1)", "takes a path and params");
    is_bug("call.api:download('/x', { body = {} })", "a GET has no body");
}

static void downloads_are_bytes(void **state) {
    (void)state;
    gives_text(
        "local b, n = call.api:download('/bytes') return b:byte(4) .. b:sub(1, 3) .. tostring(n)",
        "255<p>nil");
    gives_text("return call.api:download('/json/{id}', { id = 'x' })", "{\"data\": 1}");
    gives_text("return 'is' .. call.api:download('/empty')", "is");
    run_body("local b, err = call.api:download('/refused') return nil, err");
    assert_string_equal(r.code, "validation");
}

/* The script's own memory is bounded as ever, and a cancelled upload leaves nothing behind. */
static void an_upload_under_way_can_be_cancelled(void **state) {
    (void)state;
    fixture_tool("t", "return call.api:upload('/hold', {}, { name = 'a', content = 'x' })");
    fixture_load();
    fixture_start(fixture.script, "t", NULL, &r);
    while (fixture.api.started == 0)
        fixture_run();
    th_call_cancel(r.call);
    fixture_finish(&r);
    assert_int_equal(r.outcome, TH_CALL_CANCELLED);
    assert_int_equal(fixture.api.at_once, 0);
}

static int start_random(void **state) {
    (void)state;
    return th_random_start() ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
        TEST(a_file_goes_out_as_a_form),
        TEST(base64_arrives_as_bytes),
        TEST(files_are_bounded),
        TEST(it_counts_as_a_request_and_a_write),
        TEST(misuse_raises_with_the_name),
        TEST(downloads_are_bytes),
        TEST(an_upload_under_way_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, start_random, NULL);
}
