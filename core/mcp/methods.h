/* methods.h - the table of methods: in which revisions each exists and who answers it. */
#ifndef TH_MCP_METHODS_H
#define TH_MCP_METHODS_H

#include "base/slice.h"
#include "mcp/revision.h"

typedef struct th_request th_request_t;

typedef struct th_method {
    const char *name;
    th_revision_number_t since, until; /* both included */
    const char *routing_name; /* the parameter that Mcp-Name mirrors (2026-07-28), or NULL */
    /* Owns the request from here on: leads to one th_request_* ending, now or later. */
    void (*run)(th_request_t *request);
} th_method_t;

/* NULL when the revision has no such method. */
const th_method_t *th_method_find(th_slice_t name, const th_revision_t *revision);

/* The capabilities object that initialize and server/discover declare: what the table serves. */
th_slice_t th_method_capabilities(const th_revision_t *revision);

/* The rows' functions. */
void th_method_initialize(th_request_t *request); /* initialize.c */
void th_method_ping(th_request_t *request);
void th_method_discover(th_request_t *request);   /* discover.c */
void th_method_tools_list(th_request_t *request); /* catalogue_list.c */
void th_method_resources_list(th_request_t *request);
void th_method_templates_list(th_request_t *request);
void th_method_prompts_list(th_request_t *request);
void th_method_tools_call(th_request_t *request);     /* tools.c */
void th_method_resources_read(th_request_t *request); /* resources.c */
void th_method_resources_subscribe(th_request_t *request);
void th_method_resources_unsubscribe(th_request_t *request);
void th_method_prompts_get(th_request_t *request); /* prompts.c */
void th_method_complete(th_request_t *request);    /* complete.c */
void th_method_set_level(th_request_t *request);   /* note.c */
void th_method_listen(th_request_t *request);      /* listen.c */
void th_method_tasks_get(th_request_t *request);   /* task_methods.c */
void th_method_tasks_update(th_request_t *request);
void th_method_tasks_cancel(th_request_t *request);

#endif
