/* chat_page.h - serves the web page on the chat's port: its files with strict headers and, where
 * the host runs with the practice organisation, the people one can try it as. */
#ifndef TH_CLI_CHAT_PAGE_H
#define TH_CLI_CHAT_PAGE_H

#include "net/http.h"
#include "practice/practice.h"

/* GET "/" and "/app/...": a file of core/chat/page, or 404. <arg> is not used. */
void th_chat_page(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg);
/* GET "/practice/people": a JSON array of {name, role, org_name, org_id, api_key}. <arg> is the
 * th_practice_t; the route exists only where there is one, and gives away nothing that is worth
 * anything: these keys open an organisation that lives in this process's memory. */
void th_chat_page_people(th_http_exchange_t *exchange, const th_http_request_t *request, void *arg);

/* The routes of the page on a chat's port: "/", "/app/..." and, only with <practice> (not NULL; it
 * must outlive the server), "/practice/people". Returns how many were written. */
#define TH_CHAT_PAGE_ROUTES_MAX 3
size_t th_chat_page_routes(th_http_route_t routes[TH_CHAT_PAGE_ROUTES_MAX],
                           th_practice_t *practice);

#endif
