/* policy.c - settings, role, scopes and profiles against a tool's name, domain and effect. */
#include "session/policy.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "session/tool_list.h"

#define FINDER "finder"
#define RAW_API "api" /* the folder of the raw pair */
#define PROFILE_SCOPE "mcp.profile."

static const char *const profile_names[TH_PROFILES] = {"all", "operator", "builder", "admin",
                                                       "compact"};

const char *th_policy_profile_name(th_profile_t profile) {
    return (unsigned)profile < TH_PROFILES ? profile_names[profile] : "?";
}

int th_policy_profile(th_slice_t name) {
    for (int i = 0; i < TH_PROFILES; i++)
        if (th_slice_is(name, profile_names[i])) return i;
    return -1;
}

const char *th_policy_profile_list(const th_settings_t *settings, th_profile_t profile) {
    switch (profile) {
    case TH_PROFILE_OPERATOR: return settings->tools_operator;
    case TH_PROFILE_BUILDER: return settings->tools_builder;
    case TH_PROFILE_ADMIN: return settings->tools_admin;
    case TH_PROFILE_COMPACT: return settings->tools_compact;
    case TH_PROFILE_ALL:
    case TH_PROFILES: break;
    }
    return settings->tools_all;
}

/* ---- scopes ---- */

/* Which scope domain guards which folder of tools.lua.d (api.md 2: six domains), or which one tool
 * of a folder of mixed ones. */
static const struct {
    const char *folder, *domain;
} domains[] = {
    {"users", "users"},         {"groups", "users"},          {"guests", "users"},
    {"tasks", "tasks"},         {"comments", "tasks"},        {"bulk", "tasks"},
    {"processes", "processes"}, {"folders", "processes"},     {"tags", "processes"},
    {"templates", "templates"}, {"steps", "templates"},       {"analysis", "templates"},
    {"forms", "forms"},         {"automation", "automation"}, {"launch_processes", "processes"},
};

static const char *scope_domain(const th_item_t *item) {
    const char *found = NULL;
    for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++) {
        if (strcmp(domains[i].folder, item->name) == 0) return domains[i].domain;
        if (strcmp(domains[i].folder, item->domain) == 0) found = domains[i].domain;
    }
    return found; /* search and what operators add: any signed-in person */
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
    const char *domain = scope_domain(item);
    if (!scopes || scopes[0] == '\0' || !domain) return false;
    (void)snprintf(needed, size, "mcp.%s.write", domain);
    if (has_word(scopes, needed)) return false;
    if (item->effect != TH_EFFECT_READ) return true;
    (void)snprintf(needed, size, "mcp.%s.read", domain);
    return !has_word(scopes, needed);
}

static bool has_scope(const th_policy_t *policy, const th_item_t *item, th_error_t *error) {
    char needed[TH_SCOPE_SIZE];
    if (!th_policy_missing(policy->scopes, item, needed, sizeof needed)) return true;
    return th_error_set(error, "forbidden",
                        "This sign-in may not use %s: its token lacks the scope %s.", item->name,
                        needed);
}

/* ---- what the operator and Tallyfy say ---- */

static bool is_in(const th_item_t *item, const char *domain) {
    return strcmp(item->domain, domain) == 0;
}

static bool raw_is_on(const th_settings_t *settings, const th_item_t *item, th_error_t *error) {
    if (!is_in(item, RAW_API)) return true;
    if (settings->tools_raw_api == TH_RAW_API_ON) return true;
    if (settings->tools_raw_api == TH_RAW_API_READ && item->effect == TH_EFFECT_READ) return true;
    return th_error_set(error, "forbidden",
                        "%s is switched off on this server (setting tools.raw_api). Use the tools "
                        "for what you want to do.",
                        item->name);
}

static bool is_offered(const th_settings_t *settings, const th_item_t *item, th_error_t *error) {
    if (th_tool_list_holds(settings->tools_allow, item) &&
        !th_tool_list_holds(settings->tools_deny, item))
        return true;
    return th_error_set(error, "forbidden",
                        "%s is not offered on this server: those who run it left it out.",
                        item->name);
}

static bool role_may(const th_policy_t *policy, const th_item_t *item, th_error_t *error) {
    const char *denied = strcasecmp(policy->role, "light") == 0 ? policy->settings->tools_deny_light
                         : strcasecmp(policy->role, "standard") == 0
                             ? policy->settings->tools_deny_standard
                             : "";
    if (!th_tool_list_holds(denied, item)) return true;
    return th_error_set(error, "forbidden",
                        "%s is not for %s members. Ask an administrator of your organization.",
                        item->name, policy->role);
}

/* ---- profiles ---- */

/* What lists decide about, when call_tool itself is not at hand. */
static const th_item_t finder = {
    .kind = TH_ITEM_TOOL, .name = "call_tool", .domain = FINDER, .effect = TH_EFFECT_REMOVE};

/* The profiles that count, the widest first. */
static int profiles_of(const th_policy_t *policy, int profiles[static 3]) {
    int count = 0;
    profiles[count++] = (int)policy->settings->tools_profile;
    for (int i = 0; policy->scopes && i < TH_PROFILES; i++) {
        char scope[32];
        (void)snprintf(scope, sizeof scope, PROFILE_SCOPE "%s", profile_names[i]);
        if (!has_word(policy->scopes, scope)) continue;
        profiles[count++] = i;
        break;
    }
    if (policy->profile >= 0) profiles[count++] = policy->profile;
    return count;
}

static bool is_listed(const th_policy_t *policy, const th_item_t *item, const th_item_t *relay,
                      th_error_t *error) {
    int profiles[3], count = profiles_of(policy, profiles);
    if (item->kind != TH_ITEM_TOOL) return true;
    for (int i = is_in(item, FINDER) ? count - 1 : 0; i < count; i++) {
        const char *list = th_policy_profile_list(policy->settings, (th_profile_t)profiles[i]);
        if (th_tool_list_holds(list, item) || (relay && th_tool_list_holds(list, relay))) continue;
        bool found = !relay && th_tool_list_holds(list, &finder);
        return th_error_set(error, "forbidden", "%s is not in the profile \"%s\"%s.", item->name,
                            th_policy_profile_name((th_profile_t)profiles[i]),
                            found ? "; call it through call_tool" : " that this connection uses");
    }
    return true;
}

bool th_policy_allows(const th_policy_t *policy, const th_item_t *item, const th_item_t *relay,
                      th_error_t *error) {
    if (policy->settings) {
        if (relay && !th_policy_allows(policy, relay, NULL, error)) return false;
        if (!raw_is_on(policy->settings, item, error) ||
            !is_offered(policy->settings, item, error) || !role_may(policy, item, error) ||
            !is_listed(policy, item, relay, error))
            return false;
    }
    return has_scope(policy, item, error);
}

bool th_policy_allows_route(const th_policy_t *policy, const char *domain, th_effect_t effect,
                            th_error_t *error) {
    const th_item_t route = {.kind = TH_ITEM_TOOL,
                             .name = "this route of the API", /* the name of no tool */
                             .domain = domain,
                             .effect = effect};
    return (!policy->settings ||
            (is_offered(policy->settings, &route, error) && role_may(policy, &route, error))) &&
           has_scope(policy, &route, error);
}
