/* verbs.c - the table of verbs: flags, operands and help of each. */
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

#include "config/nearest.h"

/* Flags that several verbs take, worded once. */
#define CONFIG_FLAG                                                             \
    {                                                                           \
        "--config", "FILE", NULL,                                               \
            "Settings; default config/tallyhost.lua here or beside the program" \
    }
#define LOG_LEVEL_FLAG \
    { "--log-level", "LEVEL", "log.level", "debug, info, notice, warning, error or none" }
#define LOG_FORMAT_FLAG \
    { "--log-format", "FORMAT", "log.format", "text, or json for one object per line" }
#define TOOLS_FLAG                                                       \
    {                                                                    \
        "--tools", "DIR", "script.tools",                                \
            "Where the tool files are: here, or else beside the program" \
    }
#define PROFILE_FLAG                                                           \
    {                                                                          \
        "--profile", "NAME", "tools.profile",                                  \
            "Which tools are listed: all, operator, builder, admin or compact" \
    }
#define PRACTICE_FLAG                                                           \
    {                                                                           \
        "--practice", NULL, NULL,                                               \
            "Use the built-in practice organisation instead of the Tallyfy API" \
    }
#define AS_FLAG \
    { "--as", "NAME", NULL, "With --practice: who to act as (default: the first person)" }
#define SEED_FLAG \
    { "--seed", "N", "practice.seed", "What the practice organisation's data grows from" }
#define SCALE_FLAG \
    { "--scale", "SIZE", "practice.scale", "Of the practice organisation: small or large" }
#define READY_FLAG \
    { "--ready-file", "FILE", NULL, "Write a JSON object here once connections are accepted" }
#define END \
    { NULL, NULL, NULL, NULL }

static const th_option_t serve_options[] = {
    CONFIG_FLAG,
    {"--mcp", "ADDR:PORT", "http.listen", "Where MCP is served; port 0 picks a free one"},
    {"--chat", "ADDR:PORT", "websocket.listen",
     "Where the chat, its page and WebSockets are served, or off"},
    TOOLS_FLAG,
    PROFILE_FLAG,
    PRACTICE_FLAG,
    SEED_FLAG,
    SCALE_FLAG,
    READY_FLAG,
    {"--workers", "N", "worker.count", "Threads"},
    LOG_LEVEL_FLAG,
    LOG_FORMAT_FLAG,
    END,
};

static const th_option_t stdio_options[] = {
    CONFIG_FLAG, TOOLS_FLAG,     PROFILE_FLAG,    PRACTICE_FLAG,
    AS_FLAG,     LOG_LEVEL_FLAG, LOG_FORMAT_FLAG, END,
};

static const th_option_t practice_options[] = {
    CONFIG_FLAG,
    {"--listen", "ADDR:PORT", "practice.listen", "Where to serve it; port 0 picks a free one"},
    SEED_FLAG,
    SCALE_FLAG,
    READY_FLAG,
    LOG_LEVEL_FLAG,
    LOG_FORMAT_FLAG,
    END,
};

static const th_option_t tool_options[] = {
    CONFIG_FLAG,
    TOOLS_FLAG,
    PROFILE_FLAG,
    {"--tokens", NULL, NULL, "list: what each profile costs a client's model, in tokens"},
    {"--arg", "NAME=VALUE", NULL, "call: one argument, typed as the tool's schema says; repeat it"},
    {"--json", "FILE", NULL, "call: all arguments as a JSON object; - reads standard input"},
    {"--output", "text|json", NULL, "list, show, call: for people (default), or JSON"},
    PRACTICE_FLAG,
    AS_FLAG,
    LOG_LEVEL_FLAG,
    LOG_FORMAT_FLAG,
    END,
};

static const th_option_t schema_options[] = {
    {"--jsonl", NULL, NULL, "Lines {\"id\",\"schema\",\"instance\"} on standard input"},
    {"--format", "annotation|assertion", NULL, "Whether `format` is checked (default: assertion)"},
    END,
};

static const th_option_t date_options[] = {
    {"--reference", "ISO", NULL, "The moment to count from (default: now)"},
    {"--zone", "NAME", NULL, "The person's time zone, like Europe/Berlin (default: TZ, else UTC)"},
    {"--locale", "TAG", NULL, "en-US reads 3/4 as March 4th (default), en-GB as 3 April"},
    {"--prefer", "future|nearest|past", NULL, "Where no direction is said (default: future)"},
    {"--json", NULL, NULL, "Print one JSON object"},
    {"--jsonl", NULL, NULL,
     "Lines {\"id\",\"text\",\"reference\",\"tz\",\"locale\",\"prefer\"} on standard input"},
    END,
};

static const th_option_t config_options[] = {
    CONFIG_FLAG,
    {"--defaults", NULL, NULL, "The defaults, whatever file and environment say"},
    END,
};

static const th_option_t no_options[] = {END};

static const char practice_notes[] = "The organisation lives in memory and starts afresh each "
                                     "time. Standard output names its URL and\n"
                                     "the people to sign in as.\n";
static const char credential_notes[] =
    "The credential comes from TALLYFY_API_KEY and TALLYFY_ORG_ID (both may be in .env), or from\n"
    "--practice. It is verified first.\n";

const th_verb_t th_verbs[] = {
    {"serve", "", "Serves MCP over HTTP, and the chat, until TERM or INT.",
     "TERM or INT stops accepting, lets running calls end, and exits; a second one stops at once.\n"
     "HUP reads tools and settings again. The ready file, and with --log-format json the log, get\n"
     "{\"mcp\":URL,\"websocket\":URL,\"chat\":URL,\"page\":URL,\"practice\":URL,\"pid\":N,"
     "\"credentials\":[...]}\n(practice and credentials only with --practice).\n\n"
     "Secrets are in the environment only (also in .env): TALLYHOST_MODEL_KEY, the key of the "
     "chat's\n"
     "model (setting chat.provider); TALLYHOST_WEBHOOK_SECRET, with which Tallyfy's webhooks are\n"
     "taken at /webhooks/tallyfy/SECRET. A client can ask for fewer tools: /mcp?profile=NAME.\n",
     serve_options, th_verb_serve},
    {"stdio", "", "Serves MCP on standard input and output, for one person.", credential_notes,
     stdio_options, th_verb_stdio},
    {"practice", "", "Serves the practice organisation alone.", practice_notes, practice_options,
     th_verb_practice},
    {"tool",
     "list | show NAME | check [FILE|DIR] | call NAME | new NAME | test [NAME] | stubs [DIR]",
     "Lists, shows, checks, calls, begins or tests tools; resources, prompts and handlers, too.",
     "list shows all there is; with --profile NAME what that profile offers, after the lists\n"
     "tools.* of the settings; with --tokens what each profile costs, at four bytes to a token.\n"
     "check reports every problem as FILE:LINE: message, and what a tool of the host's own lacks\n"
     "as a warning; it exits with 1 if there is a problem. new NAME (or DOMAIN/NAME) writes a "
     "tool\n"
     "and, beside it, NAME_spec.lua; test runs such specs with busted, each file against a\n"
     "practice organisation of its own. stubs writes what editors need to know the words of tool\n"
     "files (lua-language-server) into the tools directory or DIR.\n\n"
     "call runs a tool as a person, reads a resource or gets a prompt, and prints the result; it\n"
     "exits with 1 if that failed. The credential comes from TALLYFY_API_KEY and TALLYFY_ORG_ID\n"
     "(also in .env), or from --practice. call HANDLER needs none: it has the handler run for the\n"
     "delivery of Tallyfy's in --json (such as "
     "{\"event\":\"task.completed\",\"task\":{\"id\":\"1\",\n"
     "\"title\":\"Sign\"}}), or for a made-up one, and prints what it would tell.\n",
     tool_options, th_verb_tool},
    {"schema", "", "Validates JSON against JSON Schema 2020-12.",
     "Prints one line {\"id\",\"valid\",\"errors\"} for each line of standard input, in order.\n",
     schema_options, th_verb_schema},
    {"date", "TEXT", "Reads a date as people write it, alone or in a sentence.",
     "Prints the date in words and as ISO 8601, and what is left of the sentence; exits with 1 if "
     "there is\n"
     "no date. --jsonl prints a line {\"id\",\"iso\",\"end\",\"grain\",\"matched\",\"rest\"} for "
     "each line, in order.\n",
     date_options, th_verb_date},
    {"config", "", "Prints every setting in force, as a configuration file.",
     "Exits with 78, naming file, line and the allowed range, when a setting is wrong.\n",
     config_options, th_verb_config},
    {"version", "", "Prints the versions of the program and of the libraries it runs on.", "",
     no_options, th_verb_version},
    {"help", "[VERB]", "Prints this, or a verb's flags.", "", no_options, th_verb_help},
};
const size_t th_verb_count = sizeof(th_verbs) / sizeof(th_verbs[0]);

const th_verb_t *th_verb_find(const char *name) {
    for (size_t i = 0; i < th_verb_count; i++)
        if (strcmp(th_verbs[i].name, name) == 0) return &th_verbs[i];
    return NULL;
}

int th_verb_unknown(const char *name) {
    th_nearest_t nearest = {.word = name};
    for (size_t i = 0; i < th_verb_count; i++)
        th_nearest_consider(&nearest, th_verbs[i].name);
    (void)fprintf(stderr,
                  "tallyhost: there is no verb \"%.60s\"%s%s%s\n`tallyhost help` lists them.\n",
                  name, nearest.best ? "; did you mean " : "", nearest.best ? nearest.best : "",
                  nearest.best ? "?" : "");
    return TH_EXIT_USAGE;
}
