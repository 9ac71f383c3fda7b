/* stdio.h - newline-delimited messages on two file descriptors (MCP stdio transport).
 * Reads and writes without blocking the loop; lines and unsent bytes are bounded. */
#ifndef TH_NET_STDIO_H
#define TH_NET_STDIO_H

#include "base/error.h"
#include "base/slice.h"
#include "loop/worker.h"

typedef struct th_stdio th_stdio_t;

typedef struct th_stdio_handlers {
    void (*line)(void *arg, th_slice_t line); /* without its line end; never empty */
    /* A line over settings->stdio_line_bytes was skipped up to its end. */
    void (*too_long)(void *arg);
    void (*ended)(void *arg); /* end of input */
} th_stdio_handlers_t;

/* Descriptors may be pipes, files or terminals. Registers itself as a worker part. */
th_stdio_t *th_stdio_open(th_worker_t *worker, int input, int output,
                          const th_stdio_handlers_t *handlers, void *arg, th_error_t *error);
/* Adds the line end; copies. False when the peer reads too slowly or is gone. */
bool th_stdio_send(th_stdio_t *stdio, th_slice_t message);
/* Bytes not yet written. */
size_t th_stdio_unsent(const th_stdio_t *stdio);
void th_stdio_close(th_stdio_t *stdio); /* after the loop ran dry */

#endif
