/* http_message.h - one HTTP request and the place its answer goes, as plain data.
 * The one struct of function pointers between those who speak HTTP (net) and those who answer
 * (mcp, practice, chat): neither includes the other. A test can be an exchange of its own. */
#ifndef TH_BASE_HTTP_MESSAGE_H
#define TH_BASE_HTTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

typedef enum th_http_method {
    TH_HTTP_GET,
    TH_HTTP_HEAD,
    TH_HTTP_POST,
    TH_HTTP_PUT,
    TH_HTTP_PATCH,
    TH_HTTP_DELETE,
    TH_HTTP_OPTIONS,
} th_http_method_t;

const char *th_http_method_name(th_http_method_t method);

typedef struct th_http_header {
    th_slice_t name;
    th_slice_t value; /* trimmed */
} th_http_header_t;

/* All slices are borrowed and die when the handler returns: copy what is kept. */
typedef struct th_http_request {
    th_http_method_t method;
    th_slice_t target; /* as sent: path and query */
    th_slice_t path;   /* up to the '?', not decoded */
    th_slice_t query;  /* behind the '?', may be empty */
    const th_http_header_t *headers;
    size_t header_count;
    th_slice_t body;
    const char *peer; /* numeric address of the client, without the port; NUL-terminated */
} th_http_request_t;

/* The first header of that name (ASCII case ignored); an empty slice with data NULL when absent. */
th_slice_t th_http_request_header(const th_http_request_t *request, const char *name);
/* How many headers of that name there are. */
size_t th_http_request_header_count(const th_http_request_t *request, const char *name);
/* The value of the first <name> in the query, as it was sent (nothing is decoded); an empty slice
 * with data NULL when absent. */
th_slice_t th_http_request_query(const th_http_request_t *request, const char *name);

typedef struct th_http_response {
    int status;
    const char *content_type;        /* NULL = no Content-Type */
    const th_http_header_t *headers; /* more headers; names and values are checked by net */
    size_t header_count;
    th_slice_t body;  /* copied or sent before respond() returns, unless body_owned */
    char *body_owned; /* if not NULL: malloc'ed memory that <body> points into; net frees it, always
                       */
} th_http_response_t;

typedef struct th_http_exchange th_http_exchange_t;

/* What an answer can do. One of respond() or begin_stream() is called once per exchange; after
 * respond() or end_stream() the exchange is gone for its user. All may be called from inside the
 * handler or later, on the exchange's own loop. */
typedef struct th_http_exchange_operations {
    void (*respond)(th_http_exchange_t *exchange, const th_http_response_t *response);
    /* Sends status and headers, body follows in pieces (chunked). */
    void (*begin_stream)(th_http_exchange_t *exchange, const th_http_response_t *head);
    /* False when the client is too slow (unsent bytes over the limit): the stream is then cut and
     * on_gone has been or will be called. */
    bool (*send)(th_http_exchange_t *exchange, th_slice_t piece);
    void (*end_stream)(th_http_exchange_t *exchange);
    /* Instead of completing the answer, before or inside a stream: the connection ends behind what
     * was sent so far. The exchange is gone for its user; on_gone is not called. */
    void (*abort)(th_http_exchange_t *exchange);
} th_http_exchange_operations_t;

struct th_http_exchange {
    const th_http_exchange_operations_t *operations;
    /* Set by the user of the exchange: called once if the client goes away before the answer is
     * complete; the exchange is gone when it returns. NULL = nobody to tell: the exchange then
     * stays until it is answered, into the void. Never called from inside an operation. */
    void (*on_gone)(th_http_exchange_t *exchange, void *user);
    void *user;
};

/* Takes over <exchange>: must lead to exactly one complete answer or to on_gone. */
typedef void (*th_http_handler_t)(th_http_exchange_t *exchange, const th_http_request_t *request,
                                  void *arg);

/* Convenience: a JSON body (copied). */
void th_http_respond_json(th_http_exchange_t *exchange, int status, th_slice_t body);

#endif
