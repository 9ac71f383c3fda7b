/* health.c - answers for supervisors: cheap, without a credential, telling nothing else. */
#include "cli/health.h"

#include "cli/host.h"

void th_health_alive(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    (void)request;
    (void)arg;
    th_http_respond_json(exchange, 200, TH_SLICE("{\"status\":\"ok\"}"));
}

void th_health_ready(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg) {
    (void)request;
    if (th_host_is_draining(arg))
        th_http_respond_json(exchange, 503, TH_SLICE("{\"status\":\"draining\"}"));
    else
        th_http_respond_json(exchange, 200, TH_SLICE("{\"status\":\"ready\"}"));
}
