/* fetch_transfer.c - libcurl's easy handles: hardened and prepared once, filled per request,
 * pooled. Also says what libcurl's result means: the one question that matters for a retry is
 * whether any byte of the request can have left, and `sends` (counted just before libcurl begins to
 * send) knows. */
#include "loop/fetch_internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

#define KEEP_CONNECTION_S \
    40L /* servers commonly close after 60 s: be first, so that no request races */

/* One line at a time. libcurl takes an answer that ends within its head for a whole one: so the end
 * of the head is noted, once more after each interim (1xx) head. */
static size_t on_head(char *data, size_t size, size_t count, void *arg) {
    th_fetch_transfer_t *transfer = arg;
    th_fetch_t *fetch = transfer->fetch;
    if (data[0] == '\r' || data[0] == '\n') {
        fetch->head_complete = true;
    } else if (fetch->received == 0 && size * count > 5 && memcmp(data, "HTTP/", 5) == 0) {
        fetch->head_complete = false;
    }
    fetch->head_received += size * count;
    if (fetch->head_received <= TH_FETCH_HEAD_MAX) return size * count;
    fetch->too_large = true;
    return 0;
}

/* Room for an announced body at once, up to what a pooled buffer may be. */
static void reserve_announced(th_fetch_transfer_t *transfer) {
    curl_off_t announced = -1;
    curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    bool fits = announced > 0 && announced <= (curl_off_t)TH_FETCH_IDLE_BUFFER_MAX &&
                (size_t)announced <= transfer->fetch->max_response_bytes;
    if (fits) th_buffer_reserve(&transfer->fetch->answer, (size_t)announced);
}

static size_t on_body(char *data, size_t size, size_t count, void *arg) {
    th_fetch_transfer_t *transfer = arg;
    th_fetch_t *fetch = transfer->fetch;
    size_t length = size * count;
    if (length > fetch->max_response_bytes - fetch->received) {
        fetch->too_large = true;
        return 0;
    }
    if (fetch->received == 0 && !fetch->on_data) reserve_announced(transfer);
    fetch->received += length;
    if (!th_buffer_add(&fetch->answer, data, length)) {
        fetch->out_of_memory = true;
        return 0;
    }
    if (fetch->on_data && th_list_is_empty(&transfer->undelivered)) {
        th_list_add_tail(&fetch->fetcher->undelivered, &transfer->undelivered);
    }
    return length;
}

/* Just before sending, on a connection that stands. libcurl comes here again when it wants to
 * repeat a request whose kept connection died: the peer may have acted on it, so only a read is
 * repeated. */
static int on_send(void *arg, char *peer, char *local, int peer_port, int local_port) {
    (void)peer;
    (void)local;
    (void)peer_port;
    (void)local_port;
    th_fetch_transfer_t *transfer = arg;
    transfer->fetch->sends++;
    bool may_send = transfer->fetch->sends == 1 || transfer->fetch->repeatable;
    return may_send ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static void harden(CURL *easy) {
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(easy, CURLOPT_UNRESTRICTED_AUTH, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT,
                     1L); /* else ending a request waits for its name lookup */
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, KEEP_CONNECTION_S);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
}

static th_fetch_transfer_t *make_transfer(th_fetcher_t *fetcher) {
    th_fetch_transfer_t *transfer = calloc(1, sizeof *transfer);
    if (!transfer) return NULL;
    transfer->easy = curl_easy_init();
    if (!transfer->easy) {
        free(transfer);
        return NULL;
    }
    th_list_init(&transfer->link);
    th_list_init(&transfer->undelivered);
    harden(transfer->easy);
    th_fetch_sockets_prepare(fetcher, transfer->easy);
    curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(transfer->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(transfer->easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(transfer->easy, CURLOPT_HEADERFUNCTION, on_head);
    curl_easy_setopt(transfer->easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(transfer->easy, CURLOPT_PREREQFUNCTION, on_send);
    curl_easy_setopt(transfer->easy, CURLOPT_PREREQDATA, transfer);
    return transfer;
}

th_fetch_transfer_t *th_fetch_transfer_take(th_fetcher_t *fetcher) {
    if (th_list_is_empty(&fetcher->idle_transfers)) return make_transfer(fetcher);
    th_fetch_transfer_t *transfer =
        TH_CONTAINER(fetcher->idle_transfers.prev, th_fetch_transfer_t, link); /* the warmest */
    th_list_remove(&transfer->link);
    fetcher->idle_transfer_count--;
    return transfer;
}

void th_fetch_transfer_free(th_fetch_transfer_t *transfer) {
    curl_easy_cleanup(transfer->easy);
    free(transfer);
}

void th_fetch_transfer_release(th_fetcher_t *fetcher, th_fetch_transfer_t *transfer) {
    th_list_remove(&transfer->undelivered);
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDS, NULL); /* it pointed into the request */
    explicit_bzero(transfer->secret, strlen(transfer->secret));
    transfer->fetch = NULL;
    if (!fetcher->multi || fetcher->idle_transfer_count >= TH_FETCH_IDLE_TRANSFERS) {
        th_fetch_transfer_free(transfer);
        return;
    }
    th_list_add_tail(&fetcher->idle_transfers, &transfer->link);
    fetcher->idle_transfer_count++;
}

static void set_method(th_fetch_transfer_t *transfer, const th_fetch_t *fetch) {
    CURL *easy = transfer->easy;
    bool plain = strcmp(fetch->method, "GET") == 0;
    bool head = strcmp(fetch->method, "HEAD") == 0;
    bool post = strcmp(fetch->method, "POST") == 0;
    /* A write without a body says so (Content-Length: 0), except DELETE, where none is expected. */
    bool with_body = fetch->body.data || post || strcmp(fetch->method, "PUT") == 0 ||
                     strcmp(fetch->method, "PATCH") == 0;
    if (head) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (with_body) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, fetch->body.data ? fetch->body.data : "");
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)fetch->body.length);
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    bool usual = head || (with_body ? post : plain);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, usual ? NULL : fetch->method);
}

static void set_limits(th_fetch_transfer_t *transfer, const th_fetch_t *fetch,
                       uint64_t timeout_ms) {
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    if (transfer->connect_timeout_ms != fetch->connect_timeout_ms) {
        transfer->connect_timeout_ms = fetch->connect_timeout_ms;
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)fetch->connect_timeout_ms);
    }
    if (transfer->stall_timeout_ms != fetch->stall_timeout_ms) {
        transfer->stall_timeout_ms = fetch->stall_timeout_ms;
        long seconds = (long)((fetch->stall_timeout_ms + 999) / 1000);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, seconds ? 1L : 0L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, seconds);
    }
    if (transfer->max_response_bytes != fetch->max_response_bytes) {
        transfer->max_response_bytes = fetch->max_response_bytes;
        curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)fetch->max_response_bytes);
    }
}

/* The secret line goes first in the list, from memory that is overwritten when the request ends. */
static bool set_headers(th_fetch_transfer_t *transfer, th_fetch_t *fetch, th_error_t *error) {
    struct curl_slist *headers = fetch->headers;
    if (fetch->secret_header) {
        size_t length =
            fetch->secret_header(fetch->secret, transfer->secret, sizeof transfer->secret);
        bool fits = length > 0 && length < sizeof transfer->secret;
        if (!fits || !th_fetch_header_is_sound(th_slice(transfer->secret, length))) {
            explicit_bzero(transfer->secret, sizeof transfer->secret);
            return th_error_set(
                error, "no_secret",
                length ? "the credential cannot be sent in a header: it must be visible "
                         "ASCII and shorter than 8 KB"
                       : "there is no credential to send any more");
        }
        transfer->secret[length] = '\0';
        transfer->secret_line.data = transfer->secret;
        transfer->secret_line.next = headers;
        headers = &transfer->secret_line;
    }
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, headers);
    return true;
}

bool th_fetch_transfer_prepare(th_fetch_transfer_t *transfer, th_fetch_t *fetch,
                               uint64_t timeout_ms, th_error_t *error) {
    if (!set_headers(transfer, fetch, error)) return false;
    set_method(transfer, fetch);
    set_limits(transfer, fetch, timeout_ms);
    if (curl_easy_setopt(transfer->easy, CURLOPT_URL, fetch->url) != CURLE_OK) {
        return th_error_set(error, "no_memory", "no memory for a request");
    }
    transfer->fetch = fetch;
    return true;
}

static void say_unreachable(const th_fetch_t *fetch, CURLcode code, char *message, size_t size) {
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        (void)snprintf(message, size, "the name %s is not known to the name service", fetch->host);
        return;
    case CURLE_OPERATION_TIMEDOUT:
        (void)snprintf(message, size, "no connection to %s came about within its time limit",
                       fetch->host);
        return;
    case CURLE_COULDNT_CONNECT:
        (void)snprintf(message, size, "%s does not accept connections", fetch->host);
        return;
    case CURLE_PEER_FAILED_VERIFICATION:
        (void)snprintf(message, size, "the certificate of %s is not valid for it", fetch->host);
        return;
    default:
        (void)snprintf(message, size, "no connection to %s: %s", fetch->host,
                       curl_easy_strerror(code));
    }
}

th_fetch_outcome_t th_fetch_transfer_outcome(const th_fetch_t *fetch, CURLcode code, char *message,
                                             size_t size) {
    message[0] = '\0';
    if (code == CURLE_OK && fetch->head_complete) return TH_FETCH_DONE;
    if (code == CURLE_OK) code = CURLE_PARTIAL_FILE;
    if (fetch->too_large || code == CURLE_FILESIZE_EXCEEDED) {
        (void)snprintf(message, size, "the answer of %s is larger than %zu bytes", fetch->host,
                       fetch->head_received > TH_FETCH_HEAD_MAX ? (size_t)TH_FETCH_HEAD_MAX
                                                                : fetch->max_response_bytes);
        return TH_FETCH_TOO_LARGE;
    }
    if (fetch->out_of_memory || code == CURLE_OUT_OF_MEMORY) {
        (void)snprintf(message, size, "the host ran out of memory during a request");
    } else if (fetch->sends == 0) {
        say_unreachable(fetch, code, message, size);
    } else if (code == CURLE_OPERATION_TIMEDOUT) {
        (void)snprintf(message, size, "%s did not answer in time (%llu ms)", fetch->host,
                       (unsigned long long)(th_clock_monotonic_ms() - fetch->started_ms));
        return TH_FETCH_TIMEOUT;
    } else if (code == CURLE_GOT_NOTHING || code == CURLE_ABORTED_BY_CALLBACK) {
        (void)snprintf(message, size, "%s closed the connection without an answer", fetch->host);
    } else if (code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR) {
        (void)snprintf(message, size, "the connection to %s broke before the answer was complete",
                       fetch->host);
    } else {
        (void)snprintf(message, size, "%s did not answer in HTTP: %s", fetch->host,
                       curl_easy_strerror(code));
    }
    return fetch->sends == 0 ? TH_FETCH_NO_CONNECT : TH_FETCH_BROKEN;
}

void th_fetch_buffer_take(th_fetcher_t *fetcher, th_buffer_t *buffer, size_t maximum) {
    if (fetcher->idle_buffer_count > 0) {
        th_buffer_t *warmest = &fetcher->idle_buffers[fetcher->idle_buffer_count - 1];
        if (warmest->capacity <= maximum) {
            *buffer = *warmest;
            buffer->maximum = maximum;
            fetcher->idle_buffer_count--;
            return;
        }
    }
    th_buffer_init(buffer, maximum);
}

void th_fetch_buffer_give(th_fetcher_t *fetcher, th_buffer_t *buffer) {
    bool keep = fetcher->multi && fetcher->idle_buffer_count < TH_FETCH_IDLE_BUFFERS &&
                buffer->capacity > 0 && buffer->capacity <= TH_FETCH_IDLE_BUFFER_MAX;
    if (!keep) {
        th_buffer_reset(buffer);
        return;
    }
    th_buffer_clear(buffer);
    fetcher->idle_buffers[fetcher->idle_buffer_count++] = *buffer;
}
