/* health.h - /healthz and /readyz, for supervisors and balancers. */
#ifndef TH_CLI_HEALTH_H
#define TH_CLI_HEALTH_H

#include "base/http_message.h"

/* th_http_handler_t; <arg> is the th_host_t. Alive: the loop turns. */
void th_health_alive(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg);
/* th_http_handler_t; <arg> is the th_host_t. Ready: 200, or 503 once the host drains. */
void th_health_ready(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg);

#endif
