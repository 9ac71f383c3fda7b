/* settings.h - every setting of the program, as plain data.
 * Filled once at start (and anew at HUP) by core/config from defaults, config/tallyhost.lua, the
 * environment (TALLYHOST_<NAME>) and flags; then read-only and shared by all threads. The typed
 * rows with range, unit, default and documentation are in settings_rows.c: a field without a row
 * does not exist for an operator, and a unit test fails. Times are milliseconds, sizes bytes. The
 * dotted name of a row is "<group>.<setting>", the field "<group>_<setting>". */
#ifndef TH_CONFIG_SETTINGS_H
#define TH_CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"

#define TH_SETTING_TEXT_SIZE 512
typedef char th_setting_text_t[TH_SETTING_TEXT_SIZE];

typedef enum th_auth_mode {
    TH_AUTH_MODE_KEYS,   /* personal API keys: Tallyfy is asked about each */
    TH_AUTH_MODE_TOKENS, /* access tokens of the issuer only */
    TH_AUTH_MODE_BOTH,   /* what is a JWT must be such a token; anything else is a key */
} th_auth_mode_t;

/* Which tools are listed: the lists tools_all ... tools_compact say what each holds. */
typedef enum th_profile {
    TH_PROFILE_ALL,
    TH_PROFILE_OPERATOR,
    TH_PROFILE_BUILDER,
    TH_PROFILE_ADMIN,
    TH_PROFILE_COMPACT, /* a few that find and call the others */
    TH_PROFILES,
} th_profile_t;

typedef enum th_raw_api {
    TH_RAW_API_OFF,
    TH_RAW_API_READ, /* tallyfy_api_read only */
    TH_RAW_API_ON,
} th_raw_api_t;

typedef enum th_auth_discovery {
    TH_AUTH_DISCOVERY_PROXY,    /* the issuer's metadata are fetched and handed on */
    TH_AUTH_DISCOVERY_REDIRECT, /* the client is sent there */
    TH_AUTH_DISCOVERY_OFF,
} th_auth_discovery_t;

typedef enum th_chat_provider {
    TH_CHAT_PROVIDER_OFFLINE, /* the built-in assistant: plain commands, no model */
    TH_CHAT_PROVIDER_ANTHROPIC,
    TH_CHAT_PROVIDER_OPENAI, /* anything that speaks its chat completions */
} th_chat_provider_t;

typedef struct th_settings {
    /* log */
    int64_t log_level;  /* th_log_level_t */
    int64_t log_format; /* th_log_format_t */

    /* workers */
    int64_t worker_count;
    int64_t worker_inbox; /* messages waiting at most */

    /* http: the listener and its limits (net) */
    th_setting_text_t http_listen;          /* "127.0.0.1:9000 [::1]:9000" */
    th_setting_text_t http_allowed_hosts;   /* besides loopback's; by spaces */
    th_setting_text_t http_allowed_origins; /* besides loopback's; by spaces */
    int64_t http_connections;
    int64_t http_connections_per_address;
    int64_t http_head_bytes;
    int64_t http_head_fields;
    int64_t http_field_bytes;
    int64_t http_target_bytes;
    int64_t http_body_bytes;
    int64_t http_head_timeout;
    int64_t http_body_timeout;
    int64_t http_idle_timeout;
    int64_t http_write_timeout;
    int64_t http_linger_timeout;
    int64_t http_linger_bytes;
    int64_t http_pipelined;      /* unanswered requests per connection */
    int64_t http_unsent_bytes;   /* per connection */
    int64_t http_stream_comment; /* pause after which an idle stream gets a comment line */

    /* websocket */
    th_setting_text_t websocket_listen; /* "127.0.0.1:9001"; "off" = nowhere */
    int64_t websocket_message_bytes;
    int64_t websocket_ping;
    int64_t websocket_pong_timeout;
    int64_t websocket_unsent_bytes;

    /* stdio */
    int64_t stdio_line_bytes;

    /* fetch: the HTTP client */
    int64_t fetch_concurrency; /* requests under way per worker */
    int64_t fetch_queue;       /* waiting behind them */

    /* tallyfy: the API */
    th_setting_text_t tallyfy_base_url; /* "https://api.tallyfy.com" */
    th_setting_text_t tallyfy_client;   /* X-Tallyfy-Client */
    bool tallyfy_plain_http;            /* allow http:// to loopback (practice, tests) */
    int64_t tallyfy_connect_timeout;
    int64_t tallyfy_timeout; /* per attempt */
    int64_t tallyfy_retries;
    int64_t tallyfy_retry_base;
    int64_t tallyfy_retry_cap;
    int64_t tallyfy_retry_after_cap;
    int64_t tallyfy_answer_bytes;
    int64_t tallyfy_upload_bytes; /* one file that a tool uploads */

    /* session */
    int64_t session_idle;
    int64_t session_life;
    int64_t session_sweep;
    int64_t session_verify_again;   /* quiet while after which a credential is verified again */
    int64_t session_refusal_memory; /* how long a refusal is remembered */
    int64_t session_state_idle;     /* a Lua state unused for this long is closed */
    int64_t session_count;
    int64_t session_per_principal;
    int64_t session_calls; /* running calls per session */
    int64_t session_queue; /* calls waiting behind them, per session */
    int64_t session_calls_total;
    bool session_credential_arguments; /* accept api_key and org_id among a tool's arguments */

    /* script */
    th_setting_text_t script_tools;   /* the tools directory */
    th_setting_text_t script_library; /* a directory instead of the built-in lua/; "" = built in */
    int64_t script_memory;            /* bytes per state */
    int64_t script_cpu;               /* CPU time per call */
    int64_t script_slice;             /* CPU time before others on the loop get their turn */
    int64_t script_call_timeout;      /* wall time per call */
    int64_t script_ask_timeout;       /* for the answer of a person; the call's time stands still */
    int64_t script_result_bytes;
    int64_t script_answer_bytes;  /* what tools aim at: lists stop there and say so */
    int64_t script_pattern_steps; /* of one string.find, match, gmatch, gsub */
    int64_t script_requests;      /* API requests of one call in all */
    int64_t script_parallel;      /* API requests of one call at once */
    int64_t script_reload_settle; /* quiet time after a change before the directory is read */
    bool script_reload;

    /* tools: which of them are there for whom (session/policy.h has the grammar of the lists) */
    int64_t tools_profile; /* th_profile_t */
    th_setting_text_t tools_all;
    th_setting_text_t tools_operator;
    th_setting_text_t tools_builder;
    th_setting_text_t tools_admin;
    th_setting_text_t tools_compact;
    th_setting_text_t tools_allow;
    th_setting_text_t tools_deny;
    th_setting_text_t tools_deny_light;
    th_setting_text_t tools_deny_standard;
    int64_t tools_raw_api; /* th_raw_api_t */

    /* mcp */
    th_setting_text_t mcp_instructions;
    th_setting_text_t mcp_resource_url; /* public URL; "" = derive from Host */
    int64_t mcp_list_ttl;               /* ttlMs of tools/list and server/discover */
    int64_t mcp_drain;                  /* how long running calls may go on at shutdown */
    int64_t mcp_page;                   /* entries of one page of a list */
    int64_t mcp_ask_timeout;            /* for a person's answer */
    int64_t mcp_held_calls;             /* waiting for a retry with answers, per principal */
    int64_t mcp_listens;                /* subscriptions/listen open per worker */
    int64_t mcp_listens_per_principal;
    int64_t mcp_subscriptions; /* resources one session or one listen follows */
    int64_t mcp_resume_bytes;  /* events kept per session for clients that come back */
    int64_t mcp_resume_total;  /* the same of all sessions of a worker */
    int64_t mcp_retry;         /* how long a client is asked to wait before it comes back */
    int64_t mcp_tasks_per_principal;
    int64_t mcp_task_bytes; /* results kept per worker */
    int64_t mcp_task_life;  /* from its creation */

    /* auth: what counts as a credential over HTTP and WebSocket, and how tokens are verified */
    int64_t auth_mode;                 /* th_auth_mode_t */
    th_setting_text_t auth_issuer;     /* the authorization server; "" only with mode keys */
    th_setting_text_t auth_jwks_uri;   /* "" = <issuer>/.well-known/jwks.json */
    th_setting_text_t auth_public_key; /* a PEM file of public keys instead of a key set; "" */
    th_setting_text_t auth_audience;   /* besides mcp_resource_url; by spaces */
    th_setting_text_t auth_scopes;     /* what a client asks for first; by spaces */
    int64_t auth_key_life;             /* how long a key that left the set is still good */
    int64_t auth_key_pause;            /* between two fetches of the key set, at least */
    int64_t auth_discovery;            /* th_auth_discovery_t */
    bool auth_plain_http;              /* allow http:// to loopback for issuer and keys (tests) */

    /* chat: people, a model, tools */
    int64_t chat_provider;           /* th_chat_provider_t */
    th_setting_text_t chat_model;    /* as the provider names it; "" only with the offline one */
    th_setting_text_t chat_base_url; /* "" = the provider's own */
    bool chat_plain_http;            /* allow http:// to loopback for the model's API */
    th_setting_text_t chat_prompt;   /* behind the built-in system prompt */
    int64_t chat_max_tokens;         /* of one answer of the model */
    int64_t chat_connect_timeout;
    int64_t chat_stall_timeout;  /* without a byte of the model's answer */
    int64_t chat_answer_timeout; /* one request to the model in all */
    int64_t chat_retries;
    int64_t chat_retry_wait;    /* all waits of one request to the model together */
    int64_t chat_request_bytes; /* sent to the model at once */
    int64_t chat_answer_bytes;  /* the model's stream in all */
    int64_t chat_event_bytes;   /* one event of it */
    int64_t chat_input_bytes;   /* the arguments of one tool call */
    int64_t chat_rounds;        /* requests to the model per turn before "continue?" */
    int64_t chat_calls;         /* tool calls per turn before "continue?" */
    int64_t chat_turn_time;     /* per turn before "continue?"; waiting for people not counted */
    int64_t chat_tokens_per_turn;
    int64_t chat_tokens_per_session;
    int64_t chat_tokens_per_person; /* within chat_budget_time; 0 = no budget */
    int64_t chat_budget_time;
    int64_t chat_price_input; /* thousandths of a currency unit per million tokens; 0 = not known */
    int64_t chat_price_output;
    int64_t chat_price_cache_read;
    int64_t chat_price_cache_write;
    int64_t chat_result_bytes;  /* of one result, as the model reads it */
    int64_t chat_data_bytes;    /* of one result's data in an event */
    int64_t chat_history_bytes; /* above: older turns are shortened */
    int64_t chat_auth_timeout;
    int64_t chat_resume;  /* how long a session outlives its last connection */
    int64_t chat_warning; /* how long before its end people are told */
    int64_t chat_approval_life;
    int64_t chat_preview_time; /* a card waits this long for its tool's preview; 0 = not at all */
    int64_t chat_events_kept;  /* per session, for connections that come back */
    int64_t chat_events_bytes;
    int64_t chat_connections;    /* per session */
    int64_t chat_direct_calls;   /* called without the model, at once per session */
    int64_t chat_messages;       /* per second and connection, twice as many at once */
    int64_t chat_news;           /* events that wait for one chat until it is known who sees them */
    int64_t chat_sight;          /* how long it is remembered what a person may see */
    int64_t chat_webhook_events; /* between their arrival and their handlers' end, per worker */
    int64_t chat_webhook_bytes;  /* the same in bytes: of what came, and of what handlers get */
    int64_t chat_webhook_memory; /* deliveries remembered, so that none counts twice */
    int64_t chat_webhook_orgs;   /* organisations whose handlers have a state at once, per worker */

    /* date: what words mean, where Tallyfy does not say it (zone, working days and d/m come from
     * there) */
    th_setting_text_t date_holidays; /* "2026-12-25 ORGANISATION:2026-11-26", by spaces */
    int64_t date_week_start;         /* 0 = Monday ... 6 = Sunday */
    int64_t date_fiscal_year_start;  /* month, 1 to 12 */
    int64_t date_next_weekday;       /* 0 = of next week, 1 = the coming one */
    int64_t date_morning;            /* after midnight, as all of these */
    int64_t date_noon;
    int64_t date_afternoon;
    int64_t date_evening;
    int64_t date_night;
    int64_t date_end_of_day;
    int64_t date_close;

    /* practice */
    th_setting_text_t practice_listen;
    int64_t practice_seed;
    int64_t practice_scale; /* th_practice_scale_t */
} th_settings_t;

#endif
