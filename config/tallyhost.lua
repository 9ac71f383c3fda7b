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
http.allowed_origins = "" -- web pages that may call, such as https://inspector.example.com

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

script.tools   = "tools.lua.d" -- relative to the working directory
script.library = ""            -- empty: the lua/ that is built in

script.memory        = 32 * MB
script.cpu           = 2 * s   -- a tool that computes for longer is broken; waiting for the API is free
script.slice         = 5 * ms  -- what others on the same worker may have to wait
script.call_timeout  = 60 * s
script.ask_timeout   = 10 * min -- people take their time; the call's own stands still meanwhile
script.result_bytes  = 1 * MB
script.pattern_steps = 1000000 -- a hostile pattern would otherwise run for ever inside C
script.requests      = 100
script.parallel      = 6       -- what a browser would open to one host

script.reload_settle = 100 * ms -- an editor saves in several steps
script.reload        = true

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
