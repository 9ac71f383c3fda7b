/* practice_client.h - a practice organisation in this process and a blocking HTTP client beside it.
 * Everything waits for bytes or for the end of the connection; nothing sleeps. */
#ifndef TH_TESTS_PRACTICE_PRACTICE_CLIENT_H
#define TH_TESTS_PRACTICE_PRACTICE_CLIENT_H

#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config/config.h"
#include "practice/practice.h"

typedef struct answer {
    int status;
    char *bytes; /* all that came, NUL-terminated; freed by answer_free() */
    size_t length;
    bool whole;       /* it ended as HTTP says, not by the end of the connection alone */
    char *body;       /* unchunked; freed by answer_free() */
    size_t body_size; /* of what came, also when it was cut */
} answer_t;

static inline void answer_free(answer_t *answer) {
    free(answer->bytes);
    free(answer->body);
    memset(answer, 0, sizeof *answer);
}

static inline th_practice_t *start_with(th_settings_t *settings) {
    th_error_t error;
    th_practice_t *practice = th_practice_start(settings, NULL, &error);
    if (!practice) fail_msg("%s", error.message);
    return practice;
}

static inline th_practice_t *start(void) {
    th_settings_t settings;
    th_settings_defaults(&settings);
    return start_with(&settings);
}

static inline const th_practice_credential_t *person(const th_practice_t *practice,
                                                     const char *role) {
    size_t count;
    const th_practice_credential_t *people = th_practice_credentials(practice, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(people[i].role, role) == 0) return &people[i];
    fail_msg("nobody is %s", role);
    return NULL;
}

static inline int dial(const th_practice_t *practice) {
    unsigned port = 0;
    assert_int_equal(sscanf(th_practice_url(practice), "http://127.0.0.1:%u", &port), 1);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static inline void say(int fd, const char *text) {
    size_t length = strlen(text);
    assert_int_equal(send(fd, text, length, MSG_NOSIGNAL), (ssize_t)length);
}

/* A request as <who> (NULL: nobody); <headers> are whole lines with CRLF. */
static inline void ask(int fd, const th_practice_credential_t *who, const char *method,
                       const char *target, const char *headers, const char *body) {
    char request[4096], authorization[256] = "";
    if (who)
        (void)snprintf(authorization, sizeof authorization, "Authorization: Bearer %s\r\n",
                       who->api_key);
    (void)snprintf(
        request, sizeof request,
        "%s %s HTTP/1.1\r\nHost: localhost\r\nX-Tallyfy-Client: unit\r\n%s%sContent-Length: "
        "%zu\r\n\r\n%s",
        method, target, authorization, headers, strlen(body), body);
    say(fd, request);
}

/* Undoes the chunks of what came; true when the last one was there. */
static inline bool unchunk(answer_t *answer, const char *from) {
    const char *end = answer->bytes + answer->length;
    while (from < end) {
        char *data;
        size_t size = strtoul(from, &data, 16);
        if (strncmp(data, "\r\n", 2) != 0) return false;
        data += 2;
        if (size == 0) return strncmp(data, "\r\n", 2) == 0;
        size_t here = (size_t)(end - data) < size ? (size_t)(end - data) : size;
        memcpy(answer->body + answer->body_size, data, here);
        answer->body_size += here;
        if (here < size) return false;
        from = data + size + 2;
    }
    return false;
}

static inline bool parse(answer_t *answer) {
    char *head_end = strstr(answer->bytes, "\r\n\r\n");
    if (!head_end) return false;
    answer->status = atoi(answer->bytes + 9);
    answer->body_size = 0;
    const char *body = head_end + 4;
    size_t came = answer->length - (size_t)(body - answer->bytes);
    free(answer->body);
    answer->body = calloc(1, came + 1);
    *head_end = '\0';
    const char *length = strcasestr(answer->bytes, "content-length:");
    bool chunked = strcasestr(answer->bytes, "transfer-encoding:") != NULL;
    *head_end = '\r';
    if (chunked) return unchunk(answer, body);
    memcpy(answer->body, body, came);
    answer->body_size = came;
    return answer->status == 204 || (length && came >= strtoul(length + 15, NULL, 10));
}

/* Reads one answer, to its end or to the end of the connection. */
static inline answer_t hear(int fd) {
    answer_t answer = {0};
    size_t capacity = 1 << 16;
    answer.bytes = malloc(capacity);
    bool last_chunk_possible = true;
    for (;;) {
        if (answer.length + 1 == capacity) {
            capacity *= 2;
            answer.bytes = realloc(answer.bytes, capacity);
        }
        ssize_t got = recv(fd, answer.bytes + answer.length, capacity - 1 - answer.length, 0);
        if (got > 0) answer.length += (size_t)got;
        answer.bytes[answer.length] = '\0';
        /* Large answers are only parsed when their end may have come. */
        last_chunk_possible = answer.length < 100000 || got <= 0 ||
                              memcmp(answer.bytes + answer.length - 5, "0\r\n\r\n", 5) == 0;
        if (last_chunk_possible && parse(&answer)) {
            answer.whole = true;
            return answer;
        }
        if (got <= 0) return answer;
    }
}

/* One request and its answer on a connection of its own. */
static inline answer_t call(const th_practice_t *practice, const th_practice_credential_t *who,
                            const char *method, const char *target, const char *headers,
                            const char *body) {
    int fd = dial(practice);
    ask(fd, who, method, target, headers, body);
    answer_t answer = hear(fd);
    close(fd);
    return answer;
}

#endif
