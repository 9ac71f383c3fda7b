/* fetch_sockets.c - libcurl's sockets and timer on the worker's loop.
 * A kept connection stays watched for reading between its requests: libcurl says "remove" after
 * every answer and "watch" before the next, which as epoll calls would cost more than the read
 * itself. If the peer closes it meanwhile, the one event that brings stops the watching; libcurl
 * notices the closed connection by itself before it reuses one. Invariant: a socket opened by
 * open_socket() has its entry until close_socket(), unless it is removed while it is watched for
 * writing: that is one still connecting, which libcurl 7.88 closes without a word. Any other
 * descriptor (the name resolver's wake-up pair) has one only from "watch" to "remove". An entry is
 * freed by its close callback. */
#include "loop/fetch_internal.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define IDLE_READS_MAX 64 /* after SHUT_RD nothing more comes in: this bounds what already had */

struct th_fetch_socket {
    uv_poll_t poll;
    th_fetcher_t *fetcher;
    int fd;
    int armed;    /* UV_READABLE | UV_WRITABLE as the loop watches now; 0 = not at all */
    int wanted;   /* the same, as libcurl wants it; 0 = idle */
    bool is_ours; /* opened by open_socket() */
};

static th_fetch_socket_t *find_socket(const th_fetcher_t *fetcher, int fd) {
    return fd >= 0 && (size_t)fd < fetcher->socket_slots ? fetcher->sockets[fd] : NULL;
}

/* Drained, or libcurl's look at the socket would find those bytes and think it alive. */
static void shut_idle_socket(th_fetch_socket_t *entry) {
    char unasked[4096];
    entry->armed = 0;
    uv_poll_stop(&entry->poll);
    shutdown(entry->fd, SHUT_RDWR);
    for (int reads = 0; reads < IDLE_READS_MAX; reads++) {
        if (recv(entry->fd, unasked, sizeof unasked, MSG_DONTWAIT) <= 0) return;
    }
}

static void on_poll(uv_poll_t *poll, int status, int events) {
    th_fetch_socket_t *entry = poll->data;
    th_fetcher_t *fetcher = entry->fetcher;
    if (entry->wanted == 0) {
        shut_idle_socket(entry);
        return;
    }
    int action = 0;
    if (status < 0) action = CURL_CSELECT_ERR;
    if (events & UV_READABLE) action |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE) action |= CURL_CSELECT_OUT;
    int running;
    curl_multi_socket_action(fetcher->multi, entry->fd, action, &running);
    th_fetch_after_action(fetcher);
}

static void watch(th_fetch_socket_t *entry, int events) {
    if (entry->armed == events) return;
    entry->armed = 0;
    if (events == 0) {
        uv_poll_stop(&entry->poll);
    } else if (uv_poll_start(&entry->poll, events, on_poll) == 0) {
        entry->armed = events; /* else the request ends by its time limit */
    }
}

static bool grow_slots(th_fetcher_t *fetcher, int fd) {
    if ((size_t)fd < fetcher->socket_slots) return true;
    size_t slots = (size_t)fd + 64;
    th_fetch_socket_t **grown = realloc(fetcher->sockets, slots * sizeof(th_fetch_socket_t *));
    if (!grown) return false;
    memset(grown + fetcher->socket_slots, 0,
           (slots - fetcher->socket_slots) * sizeof(th_fetch_socket_t *));
    fetcher->sockets = grown;
    fetcher->socket_slots = slots;
    return true;
}

static void on_poll_closed(uv_handle_t *handle) {
    free(handle->data);
}

/* Must precede close(fd), where we are told of it: the loop forgets the descriptor here. */
static void drop_socket(th_fetch_socket_t *entry) {
    entry->fetcher->sockets[entry->fd] = NULL;
    uv_close((uv_handle_t *)&entry->poll, on_poll_closed);
}

static th_fetch_socket_t *add_socket(th_fetcher_t *fetcher, int fd, bool is_ours) {
    if (fd < 0 || !grow_slots(fetcher, fd)) return NULL;
    /* Left by a socket that libcurl opened and closed again without ever having it watched. */
    if (fetcher->sockets[fd]) drop_socket(fetcher->sockets[fd]);
    th_fetch_socket_t *entry = calloc(1, sizeof *entry);
    if (!entry) return NULL;
    if (uv_poll_init(&fetcher->worker->loop, &entry->poll, fd) != 0) {
        free(entry);
        return NULL;
    }
    entry->poll.data = entry;
    entry->fetcher = fetcher;
    entry->fd = fd;
    entry->is_ours = is_ours;
    fetcher->sockets[fd] = entry;
    return entry;
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address) {
    (void)purpose;
    th_fetcher_t *fetcher = arg;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    address->protocol);
    if (fd < 0) return CURL_SOCKET_BAD;
    if (!add_socket(fetcher, fd, true)) {
        close(fd);
        return CURL_SOCKET_BAD;
    }
    return fd;
}

static int close_socket(void *arg, curl_socket_t fd) {
    th_fetch_socket_t *entry = find_socket(arg, fd);
    if (entry) drop_socket(entry);
    return close(fd);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *assigned) {
    (void)easy;
    (void)assigned;
    th_fetcher_t *fetcher = arg;
    th_fetch_socket_t *entry = find_socket(fetcher, fd);
    if (what == CURL_POLL_REMOVE) {
        if (!entry) return 0;
        entry->wanted = 0;
        /* Writable: watched on, it would wake the loop all the time, or it is closed unseen. */
        if (!entry->is_ours || entry->armed != UV_READABLE) drop_socket(entry);
        return 0;
    }
    if (!entry) entry = add_socket(fetcher, fd, false);
    if (!entry) return 0; /* the request ends by its time limit */
    entry->wanted =
        (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    watch(entry, entry->wanted);
    return 0;
}

static void on_curl_timer(uv_timer_t *timer) {
    th_fetcher_t *fetcher = timer->data;
    int running;
    curl_multi_socket_action(fetcher->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    th_fetch_after_action(fetcher);
}

/* Called by libcurl from inside its own functions: only arms the timer, never calls back into it.
 */
static int on_timeout_change(CURLM *multi, long timeout_ms, void *arg) {
    (void)multi;
    th_fetcher_t *fetcher = arg;
    if (timeout_ms < 0) {
        uv_timer_stop(&fetcher->curl_timer);
    } else {
        uv_timer_start(&fetcher->curl_timer, on_curl_timer, (uint64_t)timeout_ms, 0);
    }
    return 0;
}

bool th_fetch_sockets_open(th_fetcher_t *fetcher, th_error_t *error) {
    CURLM *multi = curl_multi_init();
    if (!multi) return th_error_set(error, "no_memory", "no memory for the HTTP client");
    fetcher->multi = multi;
    uv_timer_init(&fetcher->worker->loop, &fetcher->curl_timer);
    fetcher->curl_timer.data = fetcher;
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, fetcher);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timeout_change);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, fetcher);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)fetcher->running_max);
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    return true;
}

void th_fetch_sockets_prepare(th_fetcher_t *fetcher, CURL *easy) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, fetcher);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, fetcher);
}

void th_fetch_sockets_close(th_fetcher_t *fetcher) {
    for (size_t fd = 0; fd < fetcher->socket_slots; fd++) {
        if (fetcher->sockets[fd]) drop_socket(fetcher->sockets[fd]);
    }
    uv_close((uv_handle_t *)&fetcher->curl_timer, NULL);
}
