/* http_output.c - bytes to the socket: one writev for everything that is ready, and libuv's write
 * queue for what the kernel did not take. Only what must wait is copied. */
#include <stdlib.h>

#include "net/http_internal.h"

typedef struct pending_write {
    uv_write_t request;
    th_http_connection_t *connection;
    char *block, *owned; /* memory the write reads from */
    size_t bytes;
} pending_write_t;

static size_t piece_bytes(const th_http_piece_t *piece) {
    return piece->head.len + piece->body.len + piece->tail.len;
}

static void piece_free(th_http_piece_t *piece) {
    free(piece->block);
    free(piece->owned);
    piece->block = piece->owned = NULL;
}

static void skip(uv_buf_t *buffer, size_t *count) {
    size_t here = *count < buffer->len ? *count : buffer->len;
    if (here == 0) return;
    buffer->base += here;
    buffer->len -= here;
    *count -= here;
}

/* Borrowed bytes must wait: copies them, a body of its own memory excepted. */
static bool piece_keep(th_http_piece_t *piece) {
    if (piece->block) return true;
    size_t body = piece->owned ? 0 : piece->body.len;
    size_t bytes = piece->head.len + body + piece->tail.len;
    piece->block = malloc(bytes > 0 ? bytes : 1);
    if (!piece->block) return false;
    char *at = piece->block;
    uv_buf_t *parts[] = {&piece->head, piece->owned ? NULL : &piece->body, &piece->tail};
    for (size_t i = 0; i < 3; i++) {
        if (!parts[i] || parts[i]->len == 0) continue;
        memcpy(at, parts[i]->base, parts[i]->len);
        parts[i]->base = at;
        at += parts[i]->len;
    }
    return true;
}

static void on_written(uv_write_t *request, int status) {
    pending_write_t *write = TH_CONTAINER(request, pending_write_t, request);
    th_http_connection_t *connection = write->connection;
    connection->unsent -= write->bytes;
    connection->server->write_count--;
    free(write->block);
    free(write->owned);
    free(write);
    if (connection->closing) return;
    if (status < 0)
        th_http_connection_close(connection);
    else
        th_http_connection_settle(connection);
}

/* Gives the rest of <piece> to libuv. The memory belongs to the write from here on. */
static bool queue_rest(th_http_connection_t *connection, th_http_piece_t *piece) {
    pending_write_t *write = piece_keep(piece) ? calloc(1, sizeof *write) : NULL;
    if (!write) {
        piece_free(piece);
        return false;
    }
    write->connection = connection;
    write->block = piece->block;
    write->owned = piece->owned;
    write->bytes = piece_bytes(piece);
    uv_buf_t buffers[] = {piece->head, piece->body, piece->tail};
    int failure =
        uv_write(&write->request, (uv_stream_t *)&connection->tcp, buffers, 3, on_written);
    if (failure) {
        piece_free(piece);
        free(write);
        return false;
    }
    connection->unsent += write->bytes;
    connection->server->write_count++;
    return true;
}

/* What the kernel takes right now; SIZE_MAX = the connection is broken. */
static size_t try_send(th_http_connection_t *connection, const th_http_piece_t *pieces,
                       unsigned count) {
    if (connection->unsent > 0) return 0;
    uv_buf_t buffers[TH_HTTP_BATCH * 3];
    unsigned used = 0;
    for (unsigned i = 0; i < count; i++) {
        if (pieces[i].head.len > 0) buffers[used++] = pieces[i].head;
        if (pieces[i].body.len > 0) buffers[used++] = pieces[i].body;
        if (pieces[i].tail.len > 0) buffers[used++] = pieces[i].tail;
    }
    if (used == 0) return 0;
    int written = uv_try_write((uv_stream_t *)&connection->tcp, buffers, used);
    if (written == UV_EAGAIN) return 0;
    return written < 0 ? SIZE_MAX : (size_t)written;
}

void th_http_output_send(th_http_connection_t *connection, th_http_piece_t *pieces,
                         unsigned count) {
    size_t written = connection->closing ? SIZE_MAX : try_send(connection, pieces, count);
    bool broken = written == SIZE_MAX;
    for (unsigned i = 0; i < count; i++) {
        if (!broken) {
            skip(&pieces[i].head, &written);
            skip(&pieces[i].body, &written);
            skip(&pieces[i].tail, &written);
        }
        if (broken || piece_bytes(&pieces[i]) == 0)
            piece_free(&pieces[i]);
        else if (!queue_rest(connection, &pieces[i]))
            broken = true;
    }
    if (broken) th_http_connection_close(connection);
}
