/* listen.h - subscriptions/listen: a modern client's standing request for news (requirements.md e).
 * Also the one function that tells clients of both eras what changed. */
#ifndef TH_MCP_LISTEN_H
#define TH_MCP_LISTEN_H

#include "mcp/request.h"

typedef struct th_listen th_listen_t;
typedef struct th_task th_task_t;
typedef struct th_job th_job_t;

/* The client left, or cancelled: the request is freed, nothing more is sent. */
void th_listen_end(th_listen_t *listen);
/* The host stops: each gets its result, and its stream ends. */
void th_listens_finish(th_mcp_t *mcp);

/* Whoever listens, of either era: in organisation <org>, NULL for everybody. <uri> is set for
 * TH_CHANGED_RESOURCE. */
void th_mcp_tell(th_mcp_t *mcp, const char *org, th_changed_t what, th_slice_t uri);
/* A tool that changes things succeeded: resources whose address has one of its arguments in it may
 * read differently now. */
void th_listen_written(const th_job_t *job);
/* A task's state changed. */
void th_listen_task(th_mcp_t *mcp, const th_task_t *task);

#endif
