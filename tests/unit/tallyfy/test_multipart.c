/* test_multipart.c - bodies of multipart/form-data, and what becomes of names of files. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "tallyfy/multipart.h"

static th_buffer_t body;
static th_multipart_t form;
static th_error_t error;

static int open_form(void **state) {
    (void)state;
    th_buffer_init(&body, 128 * 1024);
    th_multipart_begin(&form, &body);
    error = (th_error_t){.code = ""};
    return 0;
}

static int close_form(void **state) {
    (void)state;
    th_buffer_reset(&body);
    return 0;
}

static void is_named(const char *given, const char *name) {
    char out[TH_MULTIPART_NAME_MAX + 1];
    size_t length = th_multipart_filename(th_slice_of(given), out);
    assert_string_equal(out, name);
    assert_int_equal(length, strlen(name));
}

static void a_body_is_as_the_standard_says(void **state) {
    (void)state;
    assert_true(th_multipart_text(&form, TH_SLICE("subject_id"), TH_SLICE("7\r\n--x"), &error));
    assert_true(th_multipart_file(&form, TH_SLICE("name"), TH_SLICE("plan é.pdf"),
                                  TH_SLICE("application/pdf"), &error));
    th_buffer_add(&body, "\0\r\n\xff", 4);
    assert_true(th_multipart_end(&form, &error));
    static const char prefix[] = "multipart/form-data; boundary=";
    assert_memory_equal(form.type, prefix, sizeof prefix - 1);
    const char *boundary = form.type + sizeof prefix - 1;
    assert_in_range(strlen(boundary), 40, 70); /* RFC 2046: at most 70 */
    static const char format[] = "--%s\r\n"
                                 "Content-Disposition: form-data; name=\"subject_id\"\r\n\r\n"
                                 "7\r\n--x\r\n"
                                 "--%s\r\nContent-Disposition: form-data; name=\"name\"; "
                                 "filename=\"plan é.pdf\"\r\nContent-Type: application/pdf\r\n\r\n"
                                 "%c\r\n\xff\r\n--%s--\r\n";
    char expected[1024];
    int length = snprintf(expected, sizeof expected, format, boundary, boundary, 0, boundary);
    assert_int_equal(body.length, length);
    assert_memory_equal(body.data, expected, body.length);
}

static void no_two_boundaries_are_alike(void **state) {
    (void)state;
    char first[TH_MULTIPART_TYPE_SIZE];
    memcpy(first, form.type, sizeof first);
    th_multipart_begin(&form, &body);
    assert_string_not_equal(first, form.type);
}

static void names_lose_their_path(void **state) {
    (void)state;
    is_named("plan.pdf", "plan.pdf");
    is_named("/etc/passwd", "passwd");
    is_named("..\\..\\boot.ini", "boot.ini");
    is_named("C:\\Users\\ann\\a b.docx", "a b.docx");
    is_named("https://x.example/a/b.png", "b.png");
    is_named("../..", "");
    is_named("a/", "");
    is_named("", "");
    is_named(" . . ", "");
    is_named(".htaccess", "htaccess");
    is_named("a.pdf. ", "a.pdf");
}

static void names_cannot_end_a_header(void **state) {
    (void)state;
    is_named("a\"; filename=\"b.exe", "a_; filename=_b.exe");
    is_named("a\r\nX-Evil: 1\r\n\r\nb.txt", "a__X-Evil_ 1____b.txt");
}

static void names_hide_nothing(void **state) {
    (void)state;
    is_named("a\tb\x7f.txt", "a_b_.txt");
    is_named("a\xc2\x85"
             "b\xc2\x9f.txt",
             "a_b_.txt");
    is_named("bill\u202efdp.exe", "bill_fdp.exe"); /* shown as billexe.pdf */
    is_named("a\u200bb\ufeff.pdf", "a_b_.pdf");
    is_named("a\U000e0041b\u00ad\u180ec.pdf", "a_b__c.pdf"); /* tags, a soft hyphen */
    is_named("<img src=x onerror='1'>.png", "_img src=x onerror=_1__.png");
    is_named("Ünïcödé 文書 🎉.pdf", "Ünïcödé 文書 🎉.pdf");
    char out[TH_MULTIPART_NAME_MAX + 1];
    assert_int_equal(th_multipart_filename(TH_SLICE("a\0b.txt"), out), 7);
    assert_string_equal(out, "a_b.txt");
    assert_int_equal(th_multipart_filename(TH_SLICE("caf\xe9.txt"), out), 0);
    assert_int_equal(th_multipart_filename(TH_SLICE("\xed\xa0\x80.txt"), out), 0);
}

static void long_names_keep_their_extension(void **state) {
    (void)state;
    char given[4096], out[TH_MULTIPART_NAME_MAX + 1];
    memset(given, 'x', sizeof given);
    memcpy(given + sizeof given - 5, ".pdf", 5);
    assert_int_equal(th_multipart_filename(th_slice_of(given), out), TH_MULTIPART_NAME_MAX);
    assert_string_equal(out + TH_MULTIPART_NAME_MAX - 5, "x.pdf");
    for (size_t i = 0; i + 2 < 1000; i += 2)
        memcpy(given + i, "é", 2);
    memcpy(given + 998, "x.pdf", 6);
    size_t length = th_multipart_filename(th_slice_of(given), out);
    assert_int_equal(length, 180);
    assert_string_equal(out + length - 6, "é.pdf");
    memset(given, '.', 300); /* dots where it is cut; what the fuzzer found */
    memset(given, 'x', 170);
    memset(given + 280, 'z', 20); /* no extension: too long for one */
    given[300] = '\0';
    assert_int_equal(th_multipart_filename(th_slice_of(given), out), 170);
    memset(given, '.', 300); /* nothing but an "extension" */
    memset(given + 1, 'y', 298);
    memcpy(given + 299, "z", 2);
    assert_int_equal(th_multipart_filename(th_slice_of(given), out), TH_MULTIPART_NAME_MAX);
}

static bool takes_type(const char *type) {
    th_multipart_begin(&form, &body);
    return th_multipart_file(&form, TH_SLICE("name"), TH_SLICE("a"), th_slice_of(type), &error);
}

static void types_and_part_names_are_words(void **state) {
    (void)state;
    assert_true(takes_type("image/svg+xml"));
    assert_true(takes_type("application/vnd.ms-excel.sheet.macroEnabled.12"));
    static const char *const types[] = {"",           "pdf",      "/",      "a/",
                                        "/b",         "a/b\r\nX", "a/b c",  "a/b;c",
                                        "a/b\r\nX:1", "a/b/c",    "a/\xff", "\"a/b\""};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (takes_type(types[i])) fail_msg("took the type %s", types[i]);
        assert_string_equal(error.code, "bad_request");
    }
    static const char *const names[] = {"", "a\"", "a b", "a\r\n", "é", "a;b"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_false(th_multipart_text(&form, th_slice_of(names[i]), TH_SLICE("x"), &error));
    assert_false(th_multipart_text(&form, TH_SLICE("a\0b"), TH_SLICE("x"), &error));
    char long_name[66] = "";
    memset(long_name, 'a', 65);
    assert_false(th_multipart_text(&form, th_slice_of(long_name), TH_SLICE("x"), &error));
    assert_true(th_multipart_text(&form, TH_SLICE("tags[]"), TH_SLICE("x"), &error));
}

static void parts_and_bytes_are_bounded(void **state) {
    (void)state;
    for (unsigned i = 0; i < TH_MULTIPART_PARTS; i++)
        assert_true(th_multipart_text(&form, TH_SLICE("a"), TH_SLICE("x"), &error));
    assert_false(th_multipart_text(&form, TH_SLICE("a"), TH_SLICE("x"), &error));
    assert_non_null(strstr(error.message, "32 parts"));
    th_multipart_begin(&form, &body);
    static const char bytes[TH_MULTIPART_OVERHEAD];
    assert_false(th_multipart_text(&form, TH_SLICE("a"), th_slice(bytes, sizeof bytes), &error));
    th_multipart_begin(&form, &body);
    for (int i = 0; i < 3; i++)
        th_buffer_add(&body, bytes, sizeof bytes);
    assert_false(th_multipart_end(&form, &error));
    assert_string_equal(error.code, "too_large");
}

static int start_random(void **state) {
    (void)state;
    return th_random_start() ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_form, close_form)
        TEST(a_body_is_as_the_standard_says),
        TEST(no_two_boundaries_are_alike),
        TEST(names_lose_their_path),
        TEST(names_cannot_end_a_header),
        TEST(names_hide_nothing),
        TEST(long_names_keep_their_extension),
        TEST(types_and_part_names_are_words),
        TEST(parts_and_bytes_are_bounded),
    };
    return cmocka_run_group_tests(tests, start_random, NULL);
}
