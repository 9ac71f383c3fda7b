-- tallyhost.lua - every setting of tallyhost, its default, and why it is what it is.
--
-- Copy it, keep the lines you change, and start with `tallyhost serve --config FILE`. Without --config
-- this file is read when it lies in config/ of the working directory or beside the program.
-- One line per setting: group.setting = value. Units are words: 8 * MB, 60 * min, 500 * ms, 2 * day.
-- env "NAME" is that environment variable, or nil: http.listen = env "LISTEN" or "127.0.0.1:9000".
-- TALLYHOST_HTTP_LISTEN and the like in the environment override a line here, flags override both.
-- A mistyped name or a value out of range stops the start and names this file and the line.
-- `tallyhost config` prints what is in force, with every range. Never put a credential here.

--- log: to standard error, one line per event

log.level  = "info" -- debug info notice warning error none
log.format = "text" -- json: one object per line, for collectors

--- worker: threads that share nothing

worker.count = 1    -- one serves thousands of people; more when one core is not enough
worker.inbox = 4096 -- only requests that arrive on another worker than their session's pass through it

--- http: the port for MCP

-- Loopback, since TLS and the world belong to a proxy in front; "127.0.0.1:9000 [::1]:9000" adds IPv6.
http.listen = "127.0.0.1:9000"

http.allowed_hosts   = "" -- the public name, as the proxy passes it on; refusing others stops DNS rebinding
http.allowed_origins = "" -- other sites' pages that may call, such as https://inspector.example.com

http.connections             = 2000 -- an idle one costs under a kilobyte
http.connections_per_address = 256  -- a proxy on one address brings everyone's; alone, 50 is plenty

http.head_bytes   = 16 * KB -- room for a long bearer token and a browser's habits
http.head_fields  = 64
http.field_bytes  = 8 * KB  -- the longest credential is a JWT of about this size
http.target_bytes = 4 * KB
http.body_bytes   = 1 * MB  -- also the most that one MCP message may hold

http.head_timeout   = 10 * s -- a client that drips bytes does not renew any of these
http.body_timeout   = 20 * s
http.idle_timeout   = 15 * s
http.write_timeout  = 20 * s
http.linger_timeout = 2 * s    -- closing at once would reset the connection under the last answer
http.linger_bytes   = 256 * KB

http.pipelined      = 32
http.unsent_bytes   = 4 * MB -- one result at its largest, as text and as data, with room to spare
http.stream_comment = 15 * s -- proxies cut silent streams after 30 to 60 s

--- websocket

websocket.listen        = "127.0.0.1:9001" -- MCP's subprotocol `mcp`, and the chat; or "off"
websocket.message_bytes = 256 * KB
websocket.ping          = 30 * s
websocket.pong_timeout  = 10 * s
websocket.unsent_bytes  = 1 * MB

--- stdio: MCP on standard input and output

stdio.line_bytes = 1 * MB

--- fetch: the HTTP client towards the API, per worker

fetch.concurrency = 256  -- connections to the API; more wait their turn
fetch.queue       = 1024 -- beyond this a request fails at once instead of late

--- tallyfy: the API

tallyfy.base_url   = "https://api.tallyfy.com"
tallyfy.client     = "APIClient" -- the API refuses requests without an X-Tallyfy-Client header
tallyfy.plain_http = false       -- true only for an API on this machine: credentials would travel readable

tallyfy.connect_timeout = 5 * s
tallyfy.timeout         = 30 * s
tallyfy.retries         = 4        -- reads, and writes that certainly did not arrive
tallyfy.retry_base      = 500 * ms -- doubling, with chance mixed in so that clients do not march in step
tallyfy.retry_cap       = 8 * s
tallyfy.retry_after_cap = 30 * s   -- longer, and the person is told to come back instead
tallyfy.answer_bytes    = 8 * MB
tallyfy.upload_bytes    = 10 * MB  -- one file of a tool; Tallyfy takes 100 MB at most

--- session: people and their place in the host

session.idle           = 60 * min
session.life           = 12 * hour
session.sweep          = 5 * min
session.verify_again   = 5 * min -- how long a key revoked at Tallyfy may still list tools here
session.refusal_memory = 10 * s  -- keeps a client with a wrong key from hammering the API
session.state_idle     = 3 * min -- a new Lua state costs microseconds, an idle one kilobytes

session.count         = 10000
session.per_principal = 16  -- clients that crash never say goodbye; the longest idle one makes room
session.calls         = 16
session.queue         = 64
session.calls_total   = 256

session.credential_arguments = false -- keys in arguments end up in transcripts; headers do not

--- script: what tools may use

script.tools   = "tools.lua.d" -- of the working directory; where this one is not there, beside the program
script.library = ""            -- empty: the lua/ that is built in

script.memory        = 32 * MB
script.cpu           = 2 * s   -- a tool that computes for longer is broken; waiting for the API is free
script.slice         = 5 * ms  -- what others on the same worker may have to wait
script.call_timeout  = 60 * s
script.ask_timeout   = 10 * min -- people take their time; the call's own stands still meanwhile
script.result_bytes  = 1 * MB
-- What a tool's data may take of a model's context: some 6,000 tokens. More is lost on a model, and costs tokens in every
-- turn after it. An MCP result is twice as large: the data stands in it as text and as structured content, because
-- clients show their model the one or the other.
script.answer_bytes  = 25 * KB
script.pattern_steps = 1000000 -- a hostile pattern would otherwise run for ever inside C
script.requests      = 100
script.parallel      = 6       -- what a browser would open to one host

script.reload_settle = 100 * ms -- an editor saves in several steps
script.reload        = true

--- tools: which of them are there, for whom

-- Lists of tools by name or domain (a folder of script.tools), or * for all; ":read" behind one keeps to its reading
-- tools (also :add, :change, :remove; :write is all but reading), "-" before it takes away. A request picks a profile by
-- its address, /mcp?profile=operator, a token by the scope mcp.profile.operator; each narrows what the setting offers.
tools.profile = "all"

tools.all      = "* -finder"
tools.operator = "tasks processes comments search ask bulk get_me upload_file get_file get_organization_users_list "
  .. "get_organization_guests_list get_groups get_all_templates get_template get_kickoff_fields add_object_to_folder "
  .. "get_process_folders get_tags tag_process untag_process create_guest"
tools.builder  = "templates steps forms automation analysis ask folders:read add_object_to_folder tags:read tag_template "
  .. "untag_template search get_me get_organization_users_list get_organization_guests_list get_groups "
  .. "get_organization_runs get_process launch_process"
tools.admin    = "users groups guests tags folders bulk search ask processes tasks:read get_all_templates get_template "
  .. "assess_template_health"
tools.compact  = "finder get_me" -- search_tools, describe_tool and call_tool reach all the others

tools.allow = "*"
tools.deny  = ""  -- such as "users:write delete_template": nobody sees or calls these

-- What Tallyfy would refuse anyhow is not offered: it costs tokens and ends in an error.
tools.deny_light    = "users:write groups:write guests:write folders:write tags:write templates:write steps:write "
  .. "forms:write automation:write -upload_file"
tools.deny_standard = "change_user_role disable_user enable_user"

tools.raw_api = "off" -- "read" or "on": any documented route of the API, for what no tool does; checked less than a tool

--- mcp: the protocol

mcp.instructions = "Tools for Tallyfy, where teams run processes made from templates. Look things up by name "
  .. "with search_all before you need an id. Tasks of a process and one-off tasks are separate: "
  .. "pass the process when you have it. Times are ISO 8601."
mcp.resource_url = ""     -- set it behind a proxy that changes the Host
mcp.list_ttl     = 60 * s -- tools change while the host runs, so not for long
mcp.drain        = 10 * s -- after TERM; a second TERM stops at once
mcp.page         = 250    -- many clients read the first page only, so a large one
mcp.ask_timeout  = 10 * min -- a person answers; clients themselves give up after about this long
mcp.held_calls   = 16     -- each keeps its Lua coroutine and its credential
mcp.listens      = 1024
mcp.listens_per_principal   = 32
mcp.subscriptions           = 256
mcp.resume_bytes            = 256 * KB -- a handful of results; what is older cannot be asked for again
mcp.resume_total            = 64 * MB
mcp.retry                   = 500 * ms
mcp.tasks_per_principal     = 64
mcp.task_bytes              = 64 * MB
mcp.task_life               = 15 * min

--- auth: personal API keys, or access tokens of an authorization server (OAuth 2.1)

auth.mode       = "keys" -- what works with any Tallyfy account; "tokens" and "both" need the lines below
auth.issuer     = ""     -- such as https://account.tallyfy.com; published to clients, compared with a token's iss
auth.jwks_uri   = ""     -- empty: the issuer's /.well-known/jwks.json
auth.public_key = ""     -- a PEM file pins the issuer's keys; then nothing is fetched
auth.audience   = ""     -- Tallyfy's tokens say mcp-host (mcp_resource) or 1 (aud); others name mcp.resource_url
auth.scopes     = "mcp.users.read mcp.tasks.read mcp.processes.read mcp.templates.read mcp.forms.read mcp.automation.read"
auth.key_life   = 1 * hour -- a token signed just before a rotation must live out its time
auth.key_pause  = 60 * s   -- tokens with made-up key ids must not make this host hammer the issuer
auth.discovery  = "proxy"  -- clients of 2025-03-26 look for the issuer's metadata here
auth.plain_http = false    -- true only for an issuer on this machine

--- chat: people, a language model, tools; the model's key is TALLYHOST_MODEL_KEY in the environment, never here

chat.provider   = "offline" -- "anthropic", or "openai" for anything that speaks its chat completions, local models too
chat.model      = ""        -- such as "claude-sonnet-5"
chat.base_url   = ""        -- the provider's own; a local model's such as "http://127.0.0.1:11434/v1"
chat.plain_http = true      -- on loopback only
chat.prompt     = ""        -- house rules: tone, names, what not to do
chat.max_tokens = 8192      -- long answers are cut, and say so

chat.connect_timeout = 5 * s
chat.stall_timeout   = 60 * s   -- models think for long before their first word
chat.answer_timeout  = 10 * min
chat.retries         = 2        -- and only while nothing was shown
chat.retry_wait      = 30 * s   -- Retry-After can be minutes; people do not wait that long
chat.request_bytes   = 16 * MB
chat.answer_bytes    = 16 * MB
chat.event_bytes     = 4 * MB
chat.input_bytes     = 1 * MB

chat.rounds             = 25 -- above these the person is asked whether to go on
chat.calls              = 50
chat.turn_time          = 10 * min
chat.tokens_per_turn    = 500000
chat.tokens_per_session = 5000000
chat.tokens_per_person  = 20000000
chat.budget_time        = 1 * day

chat.price_input       = 0 -- 3000 is 3.00 a million tokens; the page then shows what a turn cost
chat.price_output      = 0
chat.price_cache_read  = 0
chat.price_cache_write = 0

chat.result_bytes  = 48 * KB  -- some 12,000 tokens: a page of tasks, not an archive
chat.data_bytes    = 96 * KB
chat.history_bytes = 400 * KB -- some 100,000 tokens

chat.auth_timeout  = 10 * s
chat.resume        = 10 * min -- a train through a tunnel, a laptop's lid
chat.warning       = 5 * min
chat.approval_life = 10 * min -- what was true when it was asked may not be for long
chat.preview_time  = 2 * s    -- people wait for the card; then it comes without "before" and "after"
chat.events_kept   = 1000
chat.events_bytes  = 512 * KB
chat.connections   = 8
chat.direct_calls  = 16
chat.messages      = 20

-- Tallyfy's webhooks: POST /webhooks/tallyfy/SECRET; the secret is TALLYHOST_WEBHOOK_SECRET in the environment, never here
chat.news           = 64
chat.sight          = 5 * min -- rights change seldom; a process's events come in bursts
chat.webhook_events = 1000
chat.webhook_bytes  = 16 * MB
chat.webhook_memory = 10000
chat.webhook_orgs   = 100

--- date: what words mean, where Tallyfy does not say it (zone, working days and d/m come from there)

date.holidays          = ""        -- no business days: "2026-12-25 ORGANISATION:2026-11-26" (that one for one organisation)
date.week_start        = "Monday"  -- ISO 8601
date.fiscal_year_start = 1         -- January
date.next_weekday      = "week"    -- "next Friday" said on a Monday is Friday of next week; "coming": of this one
date.morning           = 9 * hour  -- after midnight; the hours people expect somebody to be at work
date.noon              = 12 * hour
date.afternoon         = 15 * hour
date.evening           = 18 * hour
date.night             = 21 * hour
date.end_of_day        = 1439 * min -- 23:59: a deadline that names a day leaves the whole of it
date.close             = 17 * hour

--- practice: the built-in stand-in for the API (--practice)

practice.listen = "127.0.0.1:0" -- port 0: a free one
practice.seed   = 1             -- the same seed makes the same people, templates and processes
practice.scale  = "small"       -- "large": 500 people, 200 templates, 5,000 processes, 100,000 tasks
