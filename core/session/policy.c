/* policy.c - scopes of a token against a tool's domain and effect. */
#include "session/policy.h"

#include <stdio.h>
#include <string.h>

/* Which scope domain guards which folder of tools.lua.d (api.md 2: six domains). */
static const struct {
    const char *folder, *domain;
} domains[] = {
    {"users", "users"},           {"groups", "users"},        {"tasks", "tasks"},
    {"comments", "tasks"},        {"processes", "processes"}, {"folders", "processes"},
    {"tags", "processes"},        {"templates", "templates"}, {"forms", "forms"},
    {"automation", "automation"},
};

static const char *scope_domain(const char *folder) {
    for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++)
        if (strcmp(domains[i].folder, folder) == 0) return domains[i].domain;
    return NULL; /* search and what operators add: any signed-in person */
}

/* Is <word> one of the blank-separated words of <list>? */
static bool has_word(const char *list, const char *word) {
    size_t length = strlen(word);
    for (const char *at = strstr(list, word); at; at = strstr(at + 1, word)) {
        bool starts = at == list || at[-1] == ' ';
        if (starts && (at[length] == '\0' || at[length] == ' ')) return true;
    }
    return false;
}

bool th_policy_allows(const char *scopes, const th_tool_t *tool, th_error_t *error) {
    const char *domain = scope_domain(tool->domain);
    if (!scopes || scopes[0] == '\0' || !domain) return true;
    char needed[64];
    (void)snprintf(needed, sizeof needed, "mcp.%s.write", domain);
    if (has_word(scopes, needed)) return true;
    if (tool->effect == TH_EFFECT_READ) {
        (void)snprintf(needed, sizeof needed, "mcp.%s.read", domain);
        if (has_word(scopes, needed)) return true;
    }
    return th_error_set(error, "forbidden",
                        "This sign-in may not use %s: its token lacks the scope %s.", tool->name,
                        needed);
}
