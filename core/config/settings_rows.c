/* settings_rows.c - the one list of settings: name, kind, default, range and meaning.
 * A row gives parsing, checking, `tallyhost config` and documentation. config/tallyhost.lua repeats
 * every default with its reason; a unit test holds the two, and the struct, together. */
#include <stddef.h>

#include "config/config.h"
#include "config/settings_checks.h"

#define KB INT64_C(1024)
#define MB (1024 * KB)
#define GB (1024 * MB)
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

#define ROW(group, name, kind, initial, minimum, maximum, choices, check, about)           \
    {                                                                                      \
#group "." #name, kind, offsetof(th_settings_t, group##_##name), initial, minimum, \
            maximum, choices, check, about                                                 \
    }
#define TEXT(group, name, initial, check, about) \
    ROW(group, name, TH_SETTING_TEXT, initial, 0, TH_SETTING_TEXT_SIZE - 1, NULL, check, about)
#define WHOLE(group, name, initial, minimum, maximum, about) \
    ROW(group, name, TH_SETTING_WHOLE, initial, minimum, maximum, NULL, NULL, about)
#define BYTES(group, name, initial, minimum, maximum, about) \
    ROW(group, name, TH_SETTING_BYTES, initial, minimum, maximum, NULL, NULL, about)
#define TIME(group, name, initial, minimum, maximum, about) \
    ROW(group, name, TH_SETTING_TIME, initial, minimum, maximum, NULL, NULL, about)
#define FLAG(group, name, initial, about) \
    ROW(group, name, TH_SETTING_FLAG, initial, 0, 1, NULL, NULL, about)
#define CHOICE(group, name, initial, choices, about) \
    ROW(group, name, TH_SETTING_CHOICE, initial, 0, 0, choices, NULL, about)

const th_setting_row_t th_setting_rows[] = {
    CHOICE(log, level, "info", "debug info notice warning error none",
           "The least serious lines that are written to standard error."),
    CHOICE(log, format, "text", "text json",
           "How a log line is written: for people, or one JSON object per line."),

    WHOLE(worker, count, "1", 1, 64,
          "Threads, each with its own loop, sessions and connections to the API."),
    WHOLE(worker, inbox, "4096", 16, 1000000,
          "Messages from other workers that may wait; more are held back by their sender."),

    TEXT(http, listen, "127.0.0.1:9000", th_setting_check_addresses,
         "Where MCP is served: addresses with port, separated by spaces."),
    TEXT(http, allowed_hosts, "", th_setting_check_hosts,
         "Host names that requests may carry besides loopback's, separated by spaces."),
    TEXT(http, allowed_origins, "", th_setting_check_origins,
         "Web origins that may call besides loopback's, separated by spaces."),
    WHOLE(http, connections, "2000", 1, 100000, "Open connections of one worker."),
    WHOLE(http, connections_per_address, "256", 1, 100000,
          "Open connections from one address; a proxy in front counts as one address."),
    BYTES(http, head_bytes, "16KB", 1 * KB, 256 * KB,
          "The request line and all header fields together."),
    WHOLE(http, head_fields, "64", 8, 1000, "Header fields of one request."),
    BYTES(http, field_bytes, "8KB", 256, 64 * KB, "One header field's value."),
    BYTES(http, target_bytes, "4KB", 256, 64 * KB, "Path and query of a request."),
    BYTES(http, body_bytes, "1MB", 1 * KB, 64 * MB, "The body of a request."),
    TIME(http, head_timeout, "10s", 100, 10 * MINUTE, "From the first byte of a head to its end."),
    TIME(http, body_timeout, "20s", 100, 10 * MINUTE,
         "From the end of a head to the end of its body."),
    TIME(http, idle_timeout, "15s", 100, HOUR, "Between two requests of one connection."),
    TIME(http, write_timeout, "20s", 100, 10 * MINUTE,
         "Without the client taking a byte of its answer."),
    TIME(http, linger_timeout, "2s", 10, MINUTE,
         "Reading on after the last answer, so that the client gets to see it."),
    BYTES(http, linger_bytes, "256KB", 0, 64 * MB, "Read and thrown away at most while lingering."),
    WHOLE(http, pipelined, "32", 1, 1000, "Unanswered requests of one connection."),
    BYTES(http, unsent_bytes, "4MB", 64 * KB, 256 * MB,
          "Answers that one connection has not taken yet."),
    TIME(http, stream_comment, "15s", SECOND, 10 * MINUTE,
         "Silence after which an open event stream gets a comment line."),

    TEXT(websocket, listen, "127.0.0.1:9001", th_setting_check_addresses_or_off,
         "Where WebSocket connections (MCP, and the chat) are served, or \"off\"."),
    BYTES(websocket, message_bytes, "256KB", 1 * KB, 64 * MB, "One WebSocket message."),
    TIME(websocket, ping, "30s", SECOND, 10 * MINUTE, "Silence after which a ping is sent."),
    TIME(websocket, pong_timeout, "10s", SECOND, 10 * MINUTE,
         "Time to answer a ping before the connection is dropped."),
    BYTES(websocket, unsent_bytes, "1MB", 256 * KB, 256 * MB,
          "Messages that one connection has not taken yet."),

    BYTES(stdio, line_bytes, "1MB", 1 * KB, 64 * MB, "One message on standard input."),

    WHOLE(fetch, concurrency, "256", 1, 10000, "Requests to the API under way, per worker."),
    WHOLE(fetch, queue, "1024", 0, 100000,
          "Requests to the API that wait behind them, per worker."),

    TEXT(tallyfy, base_url, "https://api.tallyfy.com", th_setting_check_base_url,
         "Where the Tallyfy API is."),
    TEXT(tallyfy, client, "APIClient", th_setting_check_header_word,
         "What the X-Tallyfy-Client header says."),
    FLAG(tallyfy, plain_http, "false",
         "Allow an http:// base_url on loopback: for the practice organisation and tests."),
    TIME(tallyfy, connect_timeout, "5s", 100, MINUTE, "To connect to the API."),
    TIME(tallyfy, timeout, "30s", 100, 10 * MINUTE, "One attempt of one API request, in all."),
    WHOLE(tallyfy, retries, "4", 0, 10, "Further attempts after a failure that is safe to retry."),
    TIME(tallyfy, retry_base, "500ms", 1, MINUTE, "Wait before the second attempt; it doubles."),
    TIME(tallyfy, retry_cap, "8s", 1, 10 * MINUTE, "The longest wait between two attempts."),
    TIME(tallyfy, retry_after_cap, "30s", 0, 10 * MINUTE,
         "The longest Retry-After that is waited for; a longer one is an error at once."),
    BYTES(tallyfy, answer_bytes, "8MB", 64 * KB, 256 * MB, "One answer of the API."),
    BYTES(tallyfy, upload_bytes, "10MB", 1 * KB, 100 * MB,
          "One file that a tool uploads; Tallyfy takes 100MB at most."),

    TIME(session, idle, "60min", SECOND, 7 * DAY, "A session unused for this long ends."),
    TIME(session, life, "12h", SECOND, 30 * DAY, "A session ends after this, used or not."),
    TIME(session, sweep, "5min", 100, HOUR, "How often expired sessions are looked for."),
    TIME(session, verify_again, "5min", SECOND, DAY,
         "Quiet while after which a credential is verified with the API again."),
    TIME(session, refusal_memory, "10s", 0, HOUR,
         "How long a refused credential is refused without asking the API."),
    TIME(session, state_idle, "3min", 100, DAY,
         "A Lua state unused for this long is closed; the session stays."),
    WHOLE(session, count, "10000", 1, 1000000, "Sessions of one worker."),
    WHOLE(session, per_principal, "16", 1, 10000, "Sessions of one person in one organisation."),
    WHOLE(session, calls, "16", 1, 1000, "Tool calls running at once in one session."),
    WHOLE(session, queue, "64", 0, 10000, "Tool calls waiting behind them in one session."),
    WHOLE(session, calls_total, "256", 1, 100000, "Tool calls running at once in all."),
    FLAG(session, credential_arguments, "false",
         "Accept api_key and org_id among a tool's arguments (an older habit)."),

    TEXT(script, tools, "tools.lua.d", th_setting_check_path, "The directory of tool files."),
    TEXT(script, library, "", NULL,
         "A directory to use instead of the built-in lua/; for its authors."),
    BYTES(script, memory, "32MB", 256 * KB, 4 * GB, "What one session's Lua state may hold."),
    TIME(script, cpu, "2s", 10, 10 * MINUTE, "Processor time of one call; waiting is free."),
    TIME(script, slice, "5ms", 1, SECOND,
         "Processor time of a call before others on the loop get their turn."),
    TIME(script, call_timeout, "60s", 100, HOUR, "One call in all, waiting included."),
    TIME(script, ask_timeout, "10min", SECOND, 24 * HOUR,
         "How long a call waits for a person's answer; its own time stands still."),
    BYTES(script, result_bytes, "1MB", 1 * KB, 64 * MB, "The result of one call."),
    BYTES(
        script, answer_bytes, "25KB", 2 * KB, 64 * MB,
        "A tool's data, as a model reads it: lists stop there and say so. On the wire twice that."),
    WHOLE(script, pattern_steps, "1000000", 1000, 1000000000,
          "Steps of one string.find, match, gmatch or gsub."),
    WHOLE(script, requests, "100", 1, 100000, "API requests of one call in all."),
    WHOLE(script, parallel, "6", 1, 100, "API requests of one call at once."),
    TIME(script, reload_settle, "100ms", 10, MINUTE,
         "Quiet time after a change before the tools are read again."),
    FLAG(script, reload, "true", "Read the tools again when a file changes."),

    CHOICE(tools, profile, "all", "all operator builder admin compact",
           "Which of the lists below is offered; a request may ask for less, never for more."),
    TEXT(tools, all, "* -finder", th_setting_check_tool_list, "The profile for everything."),
    TEXT(tools, operator,
         "tasks processes comments search ask bulk get_me upload_file get_file "
         "get_organization_users_list "
         "get_organization_guests_list get_groups get_all_templates get_template "
         "get_kickoff_fields add_object_to_folder get_process_folders get_tags tag_process "
         "untag_process create_guest",
         th_setting_check_tool_list, "The profile for people who run processes and do tasks."),
    TEXT(
        tools, builder,
        "templates steps forms automation analysis ask folders:read "
        "add_object_to_folder tags:read tag_template untag_template search get_me "
        "get_organization_users_list get_organization_guests_list get_groups get_organization_runs "
        "get_process launch_process",
        th_setting_check_tool_list, "The profile for people who design templates."),
    TEXT(tools, admin,
         "users groups guests tags folders bulk search ask processes tasks:read "
         "get_all_templates get_template assess_template_health",
         th_setting_check_tool_list, "The profile for people who look after the organisation."),
    TEXT(tools, compact, "finder get_me", th_setting_check_tool_list,
         "The profile for clients that want few tools: one searches, one describes, one calls."),
    TEXT(tools, allow, "*", th_setting_check_tool_list, "What may be used at all, by anybody."),
    TEXT(tools, deny, "", th_setting_check_tool_list,
         "What may not be used, whatever tools.allow says."),
    TEXT(tools, deny_light,
         "users:write groups:write guests:write folders:write tags:write templates:write "
         "steps:write forms:write automation:write -upload_file",
         th_setting_check_tool_list,
         "What is not there for light members besides: Tallyfy would refuse it."),
    TEXT(tools, deny_standard, "change_user_role disable_user enable_user",
         th_setting_check_tool_list, "What is not there for standard members besides."),
    CHOICE(tools, raw_api, "off", "off read on",
           "Whether tallyfy_api_read, or also tallyfy_api_write, reach any route of the API."),

    TEXT(
        mcp, instructions,
        "Tools for Tallyfy, where teams run processes made from templates. Look things up by name "
        "with search_all before you need an id. Tasks of a process and one-off tasks are separate: "
        "pass the process when you have it. Times are ISO 8601.",
        NULL, "What clients tell the model about this server."),
    TEXT(mcp, resource_url, "", th_setting_check_url_or_empty,
         "Public URL of the endpoint, for 401 answers; empty: as the request's Host says."),
    TIME(mcp, list_ttl, "60s", 0, DAY, "How long clients may keep the list of tools."),
    TIME(mcp, drain, "10s", 0, HOUR, "How long running calls may go on at shutdown."),
    WHOLE(mcp, page, "250", 1, 10000,
          "Entries of one page of a list; many clients read only the first."),
    TIME(mcp, ask_timeout, "10min", SECOND, DAY,
         "How long a running call waits for the person's answer to a question."),
    WHOLE(mcp, held_calls, "16", 0, 10000,
          "Calls of one person that changed something and wait for an answer brought by a retry."),
    WHOLE(mcp, listens, "1024", 1, 1000000, "Standing subscriptions open at once per worker."),
    WHOLE(mcp, listens_per_principal, "32", 1, 10000,
          "Standing subscriptions of one person in one organisation."),
    WHOLE(mcp, subscriptions, "256", 1, 10000,
          "Resources that one session or one subscription follows."),
    BYTES(mcp, resume_bytes, "256KB", 4 * KB, 256 * MB,
          "Events kept per session for a client that lost its connection and comes back."),
    BYTES(mcp, resume_total, "64MB", 64 * KB, 16 * GB,
          "The same of all sessions of one worker together."),
    TIME(mcp, retry, "500ms", 10, MINUTE,
         "How long a client is asked to wait before it comes back to a stream."),
    WHOLE(mcp, tasks_per_principal, "64", 1, 10000,
          "Tasks of one person in one organisation; the oldest that ended make room."),
    BYTES(mcp, task_bytes, "64MB", 64 * KB, 16 * GB,
          "Results of ended tasks kept by one worker; the oldest make room."),
    TIME(mcp, task_life, "15min", SECOND, 7 * DAY,
         "How long a task and its result are kept, from its creation."),

    CHOICE(
        auth, mode, "keys", "keys tokens both",
        "What signs people in over HTTP: personal API keys, the issuer's access tokens, or both."),
    TEXT(auth, issuer, "", th_setting_check_issuer,
         "The authorization server whose access tokens are accepted; needed unless auth.mode is "
         "keys."),
    TEXT(auth, jwks_uri, "", th_setting_check_url_or_empty,
         "Where the issuer publishes its keys; empty: its /.well-known/jwks.json."),
    TEXT(auth, public_key, "", NULL,
         "A PEM file with the issuer's public keys, instead of fetching them."),
    TEXT(auth, audience, "", th_setting_check_words,
         "What a token's mcp_resource or aud may say, besides mcp.resource_url, separated by "
         "spaces."),
    TEXT(auth, scopes,
         "mcp.users.read mcp.tasks.read mcp.processes.read mcp.templates.read mcp.forms.read "
         "mcp.automation.read",
         th_setting_check_words,
         "The scopes that clients are told to ask for first, separated by spaces."),
    TIME(auth, key_life, "1h", 0, 400 * DAY,
         "How long a key that the issuer no longer lists is still good: a token's longest life."),
    TIME(auth, key_pause, "60s", 10, DAY, "Between two fetches of the issuer's keys, at least."),
    CHOICE(auth, discovery, "proxy", "proxy redirect off",
           "How /.well-known/oauth-authorization-server answers: the issuer's document, a redirect "
           "to it, or 404."),
    FLAG(auth, plain_http, "false",
         "Allow http:// on loopback for the issuer and its keys: for tests."),

    CHOICE(chat, provider, "offline", "offline anthropic openai",
           "Which model answers: the built-in assistant, Anthropic's API, or one like OpenAI's."),
    TEXT(chat, model, "", th_setting_check_words, "The model's name, as the provider knows it."),
    TEXT(chat, base_url, "", th_setting_check_base_url_or_empty,
         "Where the model's API is; empty: the provider's own address."),
    FLAG(chat, plain_http, "true", "Allow an http:// base_url on loopback: for local models."),
    TEXT(chat, prompt, "", NULL, "What the model is told besides the built-in instructions."),
    WHOLE(chat, max_tokens, "8192", 16, 1000000, "Tokens of one answer of the model."),
    TIME(chat, connect_timeout, "5s", 100, MINUTE, "To connect to the model's API."),
    TIME(chat, stall_timeout, "60s", 100, HOUR, "Without a byte of the model's answer."),
    TIME(chat, answer_timeout, "10min", 100, 24 * HOUR, "One request to the model, in all."),
    WHOLE(chat, retries, "2", 0, 10,
          "Further attempts at the model while nothing of its answer was shown."),
    TIME(chat, retry_wait, "30s", 0, 10 * MINUTE,
         "All waits between attempts of one request together; Retry-After included."),
    BYTES(chat, request_bytes, "16MB", 64 * KB, 256 * MB, "One request to the model."),
    BYTES(chat, answer_bytes, "16MB", 64 * KB, 256 * MB, "One answer of the model."),
    BYTES(chat, event_bytes, "4MB", 4 * KB, 64 * MB, "One event of the model's stream."),
    BYTES(chat, input_bytes, "1MB", 1 * KB, 64 * MB, "The arguments of one tool call."),
    WHOLE(chat, rounds, "25", 1, 10000,
          "Requests to the model in one turn, before the person is asked to go on."),
    WHOLE(chat, calls, "50", 1, 10000,
          "Tool calls in one turn, before the person is asked to go on."),
    TIME(chat, turn_time, "10min", 100, 24 * HOUR,
         "One turn, before the person is asked to go on; waiting for people is free."),
    WHOLE(chat, tokens_per_turn, "500000", 1, INT64_C(1000000000000),
          "Tokens of one turn, before the person is asked to go on."),
    WHOLE(chat, tokens_per_session, "5000000", 1, INT64_C(1000000000000), "Tokens of one session."),
    WHOLE(chat, tokens_per_person, "20000000", 0, INT64_C(1000000000000),
          "Tokens of one person within chat.budget_time; 0: no budget."),
    TIME(chat, budget_time, "1day", MINUTE, 31 * DAY,
         "What chat.tokens_per_person is counted over."),
    WHOLE(chat, price_input, "0", 0, 1000000000,
          "A million input tokens, in thousandths of your currency; 0: costs are not shown."),
    WHOLE(chat, price_output, "0", 0, 1000000000, "The same for output tokens."),
    WHOLE(chat, price_cache_read, "0", 0, 1000000000, "The same for tokens read from a cache."),
    WHOLE(chat, price_cache_write, "0", 0, 1000000000, "The same for tokens written to one."),
    BYTES(chat, result_bytes, "48KB", 1 * KB, 16 * MB, "A tool's result, as the model reads it."),
    BYTES(chat, data_bytes, "96KB", 0, 16 * MB,
          "A result's data, as the page gets it; larger ones are left out."),
    BYTES(chat, history_bytes, "400KB", 8 * KB, 64 * MB,
          "What the model is told of the conversation; older turns are shortened first."),
    TIME(chat, auth_timeout, "10s", 100, 10 * MINUTE, "From connecting to being signed in."),
    TIME(chat, resume, "10min", 0, 24 * HOUR, "How long a chat outlives its last connection."),
    TIME(chat, warning, "5min", 0, 24 * HOUR, "How long before its end a chat is warned."),
    TIME(chat, approval_life, "10min", 100, 24 * HOUR, "How long a card waits for a yes."),
    TIME(chat, preview_time, "2s", 0, MINUTE,
         "How long a card waits for its tool to look at what it would change; 0: not at all."),
    WHOLE(chat, events_kept, "1000", 0, 1000000,
          "Events of one chat kept for connections that come back."),
    BYTES(chat, events_bytes, "512KB", 0, 256 * MB, "The same in bytes."),
    WHOLE(chat, connections, "8", 1, 1000, "Connections that share one chat."),
    WHOLE(chat, direct_calls, "16", 1, 1000, "Tools called without the model at once in one chat."),
    WHOLE(chat, messages, "20", 1, 100000,
          "Messages of one connection per second; twice as many at once."),
    WHOLE(chat, news, "64", 1, 100000,
          "Events that wait for one chat until Tallyfy said whether the person may see them."),
    TIME(chat, sight, "5min", 0, DAY, "How long it is remembered what a person may see."),
    WHOLE(chat, webhook_events, "1000", 1, 1000000,
          "Events between their arrival and their handlers' end, per worker."),
    BYTES(chat, webhook_bytes, "16MB", 64 * KB, INT64_C(1024) * MB,
          "What those events carry, in all, per worker."),
    WHOLE(chat, webhook_memory, "10000", 1, 10000000,
          "Deliveries remembered, so that none counts twice, per worker."),
    WHOLE(chat, webhook_orgs, "100", 1, 100000,
          "Organisations whose handlers have a Lua state at once, per worker."),

    TEXT(date, holidays, "", th_setting_check_holidays,
         "Days that are no business days: 2026-12-25, or ORGANISATION:2026-12-25 for one of them."),
    CHOICE(date, week_start, "Monday", "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
           "The first day of a week."),
    WHOLE(date, fiscal_year_start, "1", 1, 12, "The month in which a fiscal year begins."),
    CHOICE(date, next_weekday, "week", "week coming",
           "\"next Friday\" said on a Monday: Friday of next week, or the coming one."),
    TIME(date, morning, "9h", 0, 23 * HOUR, "What \"in the morning\" means, after midnight."),
    TIME(date, noon, "12h", 0, 23 * HOUR, "What \"noon\" means."),
    TIME(date, afternoon, "15h", 0, 23 * HOUR, "What \"in the afternoon\" means."),
    TIME(date, evening, "18h", 0, 23 * HOUR, "What \"in the evening\" means."),
    TIME(date, night, "21h", 0, 23 * HOUR, "What \"at night\" means."),
    TIME(date, end_of_day, "1439min", 0, DAY - MINUTE,
         "What \"end of day\" means; when a day's deadline is over."),
    TIME(date, close, "17h", 0, DAY - MINUTE, "What \"close of business\" means."),

    TEXT(practice, listen, "127.0.0.1:0", th_setting_check_address,
         "Where the practice organisation is served."),
    WHOLE(practice, seed, "1", 0, INT64_C(4294967295),
          "What the practice organisation's made-up data grows from."),
    CHOICE(practice, scale, "small", "small large",
           "How much of it: large is 500 people, 5,000 processes and 100,000 tasks."),
};
const size_t th_setting_row_count = sizeof(th_setting_rows) / sizeof(th_setting_rows[0]);
