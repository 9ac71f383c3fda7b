/* stdio.c - lines in, lines out, on descriptors of any kind.
 * Pipes, sockets and terminals are libuv streams. A regular file (or /dev/null) cannot be polled,
 * so it is read and written with uv_fs requests in libuv's pool; one of each is under way at most.
 */
#include "net/stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/log.h"

#define READ_BYTES 65536
/* What may wait for a peer that reads slowly: at least this many of the longest lines. */
#define UNSENT_LINES 4

/* One direction: a stream, or a file that is worked on by requests. */
typedef struct channel {
    int fd; /* our duplicate, so that closing leaves the caller's open; -1 once a stream owns it */
    bool is_file, open, busy; /* busy: a file request is under way */
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_pipe_t pipe;
        uv_tty_t tty;
        uv_tcp_t tcp;
    } as;
    uv_fs_t request;
} channel_t;

struct th_stdio {
    th_worker_part_t part;
    th_worker_t *worker;
    th_stdio_handlers_t handlers;
    void *arg;
    channel_t input, output;
    char *read_buffer; /* READ_BYTES */
    th_buffer_t line;  /* begun, not ended; wiped */
    bool skipping;     /* inside a line that is too long */
    bool ended, gone;  /* end of input was told; the output is broken */
    bool stopped;
    bool abandoned;   /* opening failed: freed when the last handle is closed */
    unsigned handles; /* streams not yet closed */
    size_t unsent, unsent_limit;
    th_list_t queue; /* writes for a file, oldest first */
};

typedef struct pending_line {
    th_list_t link;
    uv_write_t request;
    th_stdio_t *stdio;
    size_t length, done;
    char bytes[];
} pending_line_t;

static void free_stdio(th_stdio_t *stdio);

static void on_stream_closed(uv_handle_t *handle) {
    th_stdio_t *stdio = handle->data;
    if (--stdio->handles == 0 && stdio->abandoned) free_stdio(stdio);
}

static void close_channel(channel_t *channel) {
    if (channel->open && !channel->is_file) uv_close(&channel->as.handle, on_stream_closed);
    channel->open = false;
    /* A file's descriptor is closed when no request uses it any more. */
    if (channel->fd >= 0 && !channel->busy) {
        (void)close(channel->fd);
        channel->fd = -1;
    }
}

static void drop_queue(th_stdio_t *stdio) {
    for (th_list_t *node; (node = th_list_take_first(&stdio->queue));) {
        pending_line_t *line = TH_CONTAINER(node, pending_line_t, link);
        stdio->unsent -= line->length;
        free(line);
    }
}

static void output_gone(th_stdio_t *stdio, int failure) {
    if (stdio->gone) return;
    stdio->gone = true;
    if (failure != UV_ECANCELED)
        th_log(stdio->worker->log, TH_LOG_NOTICE, "net", "stdout cannot be written: %s",
               uv_strerror(failure));
}

static void end_input(th_stdio_t *stdio) {
    if (stdio->ended || stdio->stopped) return;
    stdio->ended = true;
    close_channel(&stdio->input);
    /* The last line needs no line end. */
    if (stdio->line.length > 0 && !stdio->skipping)
        stdio->handlers.line(stdio->arg, th_buffer_slice(&stdio->line));
    th_buffer_wipe(&stdio->line);
    stdio->handlers.ended(stdio->arg);
}

static void give_line(th_stdio_t *stdio, th_slice_t line) {
    if (line.length > 0 && line.data[line.length - 1] == '\r') line.length--;
    if (line.length > 0) stdio->handlers.line(stdio->arg, line);
}

/* Keeps the beginning of a line; growing must leave no unwiped copy of what may be a credential. */
static void keep(th_stdio_t *stdio, const char *data, size_t length) {
    if (stdio->skipping || length == 0) return;
    if (length <= stdio->line.maximum - stdio->line.length) {
        th_buffer_t larger;
        th_buffer_init(&larger, stdio->line.maximum);
        if (th_buffer_reserve(&larger, stdio->line.length + length) &&
            th_buffer_add_slice(&larger, th_buffer_slice(&stdio->line)) &&
            th_buffer_add(&larger, data, length)) {
            th_buffer_wipe(&stdio->line);
            stdio->line = larger;
            return;
        }
    }
    stdio->skipping = true;
    th_buffer_wipe(&stdio->line);
}

static void end_line(th_stdio_t *stdio, const char *data, size_t length) {
    bool whole = stdio->line.length == 0 && !stdio->skipping && length <= stdio->line.maximum;
    if (!whole) keep(stdio, data, length);
    if (stdio->skipping) {
        stdio->skipping = false;
        stdio->handlers.too_long(stdio->arg);
        return;
    }
    give_line(stdio, whole ? th_slice(data, length) : th_buffer_slice(&stdio->line));
    th_buffer_wipe(&stdio->line);
}

/* Handlers may stop the worker: looked at after each line. */
static void take(th_stdio_t *stdio, char *data, size_t length) {
    size_t begin = 0;
    while (begin < length && !stdio->stopped) {
        const char *feed = memchr(data + begin, '\n', length - begin);
        if (!feed) {
            keep(stdio, data + begin, length - begin);
            break;
        }
        size_t end = (size_t)(feed - data);
        end_line(stdio, data + begin, end - begin);
        begin = end + 1;
    }
    sodium_memzero(data, length);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    (void)suggested;
    th_stdio_t *stdio = handle->data;
    *buffer = uv_buf_init(stdio->read_buffer, READ_BYTES);
}

static void on_stream_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
    th_stdio_t *stdio = stream->data;
    if (stdio->stopped) return;
    if (count > 0)
        take(stdio, buffer->base, (size_t)count);
    else if (count < 0)
        end_input(stdio);
}

static void read_file(th_stdio_t *stdio);

static void on_file_read(uv_fs_t *request) {
    th_stdio_t *stdio = request->data;
    ssize_t count = request->result;
    uv_fs_req_cleanup(request);
    stdio->input.busy = false;
    if (stdio->stopped) {
        close_channel(&stdio->input);
        return;
    }
    if (count > 0) {
        take(stdio, stdio->read_buffer, (size_t)count);
        if (stdio->stopped)
            close_channel(&stdio->input);
        else
            read_file(stdio);
    } else {
        end_input(stdio);
    }
}

static void read_file(th_stdio_t *stdio) {
    uv_buf_t buffer = uv_buf_init(stdio->read_buffer, READ_BYTES);
    stdio->input.request.data = stdio;
    stdio->input.busy = true;
    if (uv_fs_read(&stdio->worker->loop, &stdio->input.request, stdio->input.fd, &buffer, 1, -1,
                   on_file_read) == 0)
        return;
    stdio->input.busy = false;
    end_input(stdio);
}

static void write_file(th_stdio_t *stdio);

static void on_file_written(uv_fs_t *request) {
    th_stdio_t *stdio = request->data;
    ssize_t count = request->result;
    uv_fs_req_cleanup(request);
    stdio->output.busy = false;
    pending_line_t *line = TH_CONTAINER(stdio->queue.next, pending_line_t, link);
    if (count < 0) {
        output_gone(stdio, (int)count);
        drop_queue(stdio);
    } else {
        line->done += (size_t)count;
        if (line->done == line->length) {
            (void)th_list_take_first(&stdio->queue);
            stdio->unsent -= line->length;
            free(line);
        }
    }
    if (!th_list_is_empty(&stdio->queue))
        write_file(stdio);
    else if (stdio->stopped)
        close_channel(&stdio->output);
}

static void write_file(th_stdio_t *stdio) {
    pending_line_t *line = TH_CONTAINER(stdio->queue.next, pending_line_t, link);
    /* A line that was freed has left the queue, which the analyzer does not follow. */
    size_t left = line->length - line->done; // NOLINT(clang-analyzer-unix.Malloc)
    uv_buf_t buffer = uv_buf_init(line->bytes + line->done, (unsigned)left);
    stdio->output.request.data = stdio;
    stdio->output.busy = true;
    int failure = uv_fs_write(&stdio->worker->loop, &stdio->output.request, stdio->output.fd,
                              &buffer, 1, -1, on_file_written);
    if (failure == 0) return;
    stdio->output.busy = false;
    output_gone(stdio, failure);
    drop_queue(stdio);
}

static void on_stream_written(uv_write_t *request, int status) {
    pending_line_t *line = TH_CONTAINER(request, pending_line_t, request);
    th_stdio_t *stdio = line->stdio;
    stdio->unsent -= line->length;
    free(line);
    if (status < 0) output_gone(stdio, status);
}

bool th_stdio_send(th_stdio_t *stdio, th_slice_t message) {
    if (stdio->gone || stdio->stopped || !stdio->output.open) return false;
    size_t length = message.length + 1;
    if (length > stdio->unsent_limit || stdio->unsent > stdio->unsent_limit - length) return false;
    pending_line_t *line = malloc(sizeof *line + length);
    if (!line) return false;
    *line = (pending_line_t){.stdio = stdio, .length = length};
    th_list_init(&line->link);
    if (message.length > 0) memcpy(line->bytes, message.data, message.length);
    line->bytes[message.length] = '\n';
    stdio->unsent += length;
    if (stdio->output.is_file) {
        th_list_add_tail(&stdio->queue, &line->link);
        if (!stdio->output.busy) write_file(stdio);
        return !stdio->gone;
    }
    uv_buf_t buffer = uv_buf_init(line->bytes, (unsigned)length);
    int failure = uv_write(&line->request, &stdio->output.as.stream, &buffer, 1, on_stream_written);
    if (failure == 0) return true;
    stdio->unsent -= length;
    free(line);
    output_gone(stdio, failure);
    return false;
}

size_t th_stdio_unsent(const th_stdio_t *stdio) {
    return stdio->unsent;
}

/* Makes a libuv stream of channel->fd, which belongs to it on success. */
static int open_stream(th_stdio_t *stdio, channel_t *channel, uv_handle_type type) {
    uv_loop_t *loop = &stdio->worker->loop;
    int failure = type == UV_TTY   ? uv_tty_init(loop, &channel->as.tty, channel->fd, 0)
                  : type == UV_TCP ? uv_tcp_init(loop, &channel->as.tcp)
                                   : uv_pipe_init(loop, &channel->as.pipe, 0);
    if (failure) return failure;
    channel->as.handle.data = stdio;
    channel->open = true; /* from here on the handle must be closed */
    stdio->handles++;
    if (type == UV_TCP) failure = uv_tcp_open(&channel->as.tcp, channel->fd);
    if (type == UV_NAMED_PIPE) failure = uv_pipe_open(&channel->as.pipe, channel->fd);
    if (!failure) channel->fd = -1;
    return failure;
}

static bool open_channel(th_stdio_t *stdio, channel_t *channel, int fd, const char *name,
                         th_error_t *error) {
    uv_handle_type type = uv_guess_handle(fd);
    int failure = 0;
    channel->is_file = type == UV_FILE || type == UV_UNKNOWN_HANDLE;
    channel->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (channel->fd < 0)
        failure = uv_translate_sys_error(errno);
    else if (channel->is_file)
        channel->open = true;
    else
        failure = open_stream(stdio, channel, type);
    if (!failure) return true;
    return th_error_set(error, "no_stdio", "cannot use %s (descriptor %d): %s", name, fd,
                        uv_strerror(failure));
}

static void on_stop(th_worker_part_t *part) {
    th_stdio_t *stdio = TH_CONTAINER(part, th_stdio_t, part);
    stdio->stopped = true;
    close_channel(&stdio->input);
    close_channel(&stdio->output);
}

th_stdio_t *th_stdio_open(th_worker_t *worker, int input, int output,
                          const th_stdio_handlers_t *handlers, void *arg, th_error_t *error) {
    th_stdio_t *stdio = calloc(1, sizeof *stdio);
    char *read_buffer = stdio ? malloc(READ_BYTES) : NULL;
    if (!read_buffer) {
        free(stdio);
        (void)th_error_set(error, "no_memory", "no memory for standard input and output");
        return NULL;
    }
    size_t line_bytes = (size_t)worker->settings->stdio_line_bytes;
    stdio->part.stop = on_stop;
    stdio->worker = worker;
    stdio->handlers = *handlers;
    stdio->arg = arg;
    stdio->read_buffer = read_buffer;
    stdio->input.fd = stdio->output.fd = -1;
    stdio->unsent_limit = line_bytes * UNSENT_LINES;
    th_list_init(&stdio->queue);
    th_buffer_init(&stdio->line, line_bytes);
    th_worker_add_part(worker, &stdio->part);
    bool good = open_channel(stdio, &stdio->input, input, "standard input", error) &&
                open_channel(stdio, &stdio->output, output, "standard output", error);
    int failure = 0;
    if (good && stdio->input.is_file)
        read_file(stdio);
    else if (good)
        failure = uv_read_start(&stdio->input.as.stream, on_alloc, on_stream_read);
    if (failure)
        good =
            th_error_set(error, "no_stdio", "cannot read standard input: %s", uv_strerror(failure));
    if (good) return stdio;
    th_worker_remove_part(&stdio->part);
    stdio->abandoned = true;
    bool closing = stdio->handles > 0;
    on_stop(&stdio->part);
    if (!closing) free_stdio(stdio);
    return NULL;
}

static void free_stdio(th_stdio_t *stdio) {
    drop_queue(stdio);
    th_buffer_wipe(&stdio->line);
    sodium_memzero(stdio->read_buffer, READ_BYTES);
    free(stdio->read_buffer);
    free(stdio);
}

void th_stdio_close(th_stdio_t *stdio) {
    if (!stdio) return;
    th_worker_remove_part(&stdio->part);
    close_channel(&stdio->input);
    close_channel(&stdio->output);
    free_stdio(stdio);
}
