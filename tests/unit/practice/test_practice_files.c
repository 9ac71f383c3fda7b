/* test_practice_files.c - files of any bytes and of real size up and down over HTTP. What may be
 * uploaded by whom is the specs' business (tests/spec/practice_threads_spec.lua). */
#include "practice_client.h"

#include "loop/fetch.h"

#define FILE_BYTES ((size_t)3 << 20)

static const char form[] = "Content-Type: multipart/form-data; boundary=-cut\r\n";

/* A whole multipart body around <content>; malloced. */
static char *form_of(const th_practice_credential_t *who, const char *content, size_t length,
                     size_t *size) {
    char head[768];
    int head_length = snprintf(
        head, sizeof head,
        "---cut\r\nContent-Disposition: form-data; name=\"subject_type\"\r\n\r\nOrganization\r\n"
        "---cut\r\nContent-Disposition: form-data; name=\"subject_id\"\r\n\r\n%s\r\n"
        "---cut\r\nContent-Disposition: form-data; name=\"uploaded_from\"\r\n\r\nko_field\r\n"
        "---cut\r\nContent-Disposition: form-data; name=\"name\"; filename=\"plan.dwg\"\r\n"
        "Content-Type: application/octet-stream\r\n\r\n",
        who->org_id);
    static const char tail[] = "\r\n---cut--\r\n";
    *size = (size_t)head_length + length + sizeof tail - 1;
    char *body = malloc(*size);
    assert_non_null(body);
    memcpy(body, head, (size_t)head_length);
    memcpy(body + head_length, content, length);
    memcpy(body + head_length + length, tail, sizeof tail - 1);
    return body;
}

static void send_all(int fd, const char *data, size_t length) {
    while (length > 0) {
        ssize_t sent = send(fd, data, length, MSG_NOSIGNAL);
        if (sent <= 0) return; /* refused: the answer says why */
        data += sent;
        length -= (size_t)sent;
    }
}

static answer_t upload(const th_practice_t *practice, const th_practice_credential_t *who,
                       const char *body, size_t size) {
    char head[512];
    (void)snprintf(head, sizeof head,
                   "POST /organizations/%s/file HTTP/1.1\r\nHost: localhost\r\nX-Tallyfy-Client: "
                   "unit\r\nAuthorization: Bearer %s\r\n%sContent-Length: %zu\r\n\r\n",
                   who->org_id, who->api_key, form, size);
    int fd = dial(practice);
    say(fd, head);
    send_all(fd, body, size);
    answer_t answer = hear(fd);
    close(fd);
    return answer;
}

static void bytes_of_any_value_come_back_as_they_were(void **state) {
    (void)state;
    th_practice_t *practice = start();
    const th_practice_credential_t *admin = person(practice, "admin");
    char *content = malloc(FILE_BYTES);
    assert_non_null(content);
    for (size_t i = 0; i < FILE_BYTES; i++)
        content[i] = (char)(i * 7 + i / 251);
    size_t size;
    char *body = form_of(admin, content, FILE_BYTES, &size);
    answer_t answer = upload(practice, admin, body, size);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "\"filename\":\"plan.dwg\""));
    const char *id = strstr(answer.body, "\"id\":\""); /* the asset's or the subject's */
    char asset[33] = "", target[160];
    for (; id; id = strstr(id + 1, "\"id\":\""))
        if (strncmp(id + 6, admin->org_id, 32) != 0)
            (void)snprintf(asset, sizeof asset, "%s", id + 6);
    answer_free(&answer);
    (void)snprintf(target, sizeof target, "/organizations/%s/file/%s/dl", admin->org_id, asset);
    answer = call(practice, admin, "GET", target, "", "");
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.body_size, FILE_BYTES);
    assert_memory_equal(answer.body, content, FILE_BYTES);
    assert_non_null(strcasestr(answer.bytes, "attachment; filename=\"plan.dwg\""));
    assert_non_null(strcasestr(answer.bytes, "content-type: application/octet-stream"));
    answer_free(&answer);
    free(body);
    free(content);
    th_practice_stop(practice);
}

static void a_body_over_the_limit_is_refused(void **state) {
    (void)state;
    th_practice_t *practice = start();
    const th_practice_credential_t *admin = person(practice, "admin");
    char head[512];
    (void)snprintf(head, sizeof head,
                   "POST /organizations/%s/file HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: "
                   "%zu\r\n\r\n",
                   admin->org_id, form, ((size_t)64 << 20) + 1);
    int fd = dial(practice);
    say(fd, head);
    answer_t answer = hear(fd);
    assert_int_equal(answer.status, 413);
    answer_free(&answer);
    close(fd);
    th_practice_stop(practice);
}

static int start_client(void **state) {
    (void)state;
    return th_fetch_global_start(NULL) ? 0 : -1;
}

static int stop_client(void **state) {
    (void)state;
    th_fetch_global_stop();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_of_any_value_come_back_as_they_were),
        cmocka_unit_test(a_body_over_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, start_client, stop_client);
}
