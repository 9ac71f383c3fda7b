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

bool th_policy_missing(const char *scopes, const th_item_t *item, char *needed, size_t size) {
    const char *domain = scope_domain(item->domain);
    if (!scopes || scopes[0] == '\0' || !domain) return false;
    (void)snprintf(needed, size, "mcp.%s.write", domain);
    if (has_word(scopes, needed)) return false;
    if (item->effect != TH_EFFECT_READ) return true;
    (void)snprintf(needed, size, "mcp.%s.read", domain);
    return !has_word(scopes, needed);
}

bool th_policy_allows(const char *scopes, const th_item_t *tool, th_error_t *error) {
    char needed[TH_SCOPE_SIZE];
    if (!th_policy_missing(scopes, tool, needed, sizeof needed)) return true;
    return th_error_set(error, "forbidden",
                        "This sign-in may not use %s: its token lacks the scope %s.", tool->name,
                        needed);
}
