/* policy.h - the one function that says whether a principal may use a tool.
 * It filters `tools/list` and it guards every start of a call; nothing else decides. */
#ifndef TH_SESSION_POLICY_H
#define TH_SESSION_POLICY_H

#include <stdbool.h>

#include "base/error.h"
#include "script/catalogue.h"
#include "session/session.h"

/* <scopes>: the blank-separated scopes of the sign-in's token (api.md 2: `mcp.<domain>.read|write`,
 * write implies read); NULL or "" = not restricted, as personal keys are: the API checks the
 * person's rights itself. False with <error> code "forbidden" naming the scope that is missing. */
bool th_policy_allows(const char *scopes, const th_item_t *tool, th_error_t *error);
/* The same question, answered with the scope that would allow it: false when nothing is missing. */
bool th_policy_missing(const char *scopes, const th_item_t *item, char *needed, size_t size);

#endif
