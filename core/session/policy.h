/* policy.h - the one function that says whether a principal may use a tool, resource or prompt.
 * It filters the lists, it guards every start of a call, and it decides about routes of the raw
 * API; nothing else decides. What it looks at, all of which must agree:
 *   tools.raw_api                 the raw pair is off, reads only, or on
 *   tools.allow, tools.deny       what is there at all
 *   tools.deny_<role>             what Tallyfy would refuse this person anyhow
 *   scopes of the token           mcp.<domain>.read|write (api.md 2; write implies read)
 *   profiles (tools only)         of the settings, of the token (scope mcp.profile.<name>), of the
 *                                 request (/mcp?profile=<name>): each can only narrow
 * The finder (domain "finder": search_tools, describe_tool, call_tool) is there where the last of
 * those profiles lists it. Through call_tool a tool need not be listed by a profile that lists
 * call_tool; everything else must agree as if it were called itself. */
#ifndef TH_SESSION_POLICY_H
#define TH_SESSION_POLICY_H

#include <stdbool.h>

#include "base/error.h"
#include "config/settings.h"
#include "script/catalogue.h"
#include "session/session.h"

typedef struct th_policy {
    const th_settings_t *settings; /* NULL: only scopes count */
    const char *scopes;            /* blank-separated; NULL or "" = not restricted, as personal keys
                                      are: the API checks the person's rights itself */
    const char *role;              /* in Tallyfy: "light", "standard", "admin"; "" = not known */
    int profile;                   /* of the request: th_profile_t; -1 = none */
} th_policy_t;

/* <relay>: the item with `relay` (call_tool) that <item> is reached through, or NULL. False with
 * <error> "forbidden" that says what stands against it. */
bool th_policy_allows(const th_policy_t *policy, const th_item_t *item, const th_item_t *relay,
                      th_error_t *error);
/* What the raw pair may reach: a route counts as a tool of its <domain> and <effect>, so that lists
 * by domain, roles and scopes hold for it; lists by a tool's name do not. */
bool th_policy_allows_route(const th_policy_t *policy, const char *domain, th_effect_t effect,
                            th_error_t *error);
/* About scopes only, answered with the one that would allow it: false when nothing is missing. */
bool th_policy_missing(const char *scopes, const th_item_t *item, char *needed, size_t size);

/* The list of a profile. */
const char *th_policy_profile_list(const th_settings_t *settings, th_profile_t profile);
/* "all", "operator" ...; -1 when <name> is none. */
int th_policy_profile(th_slice_t name);
const char *th_policy_profile_name(th_profile_t profile);

#endif
