/* budget.h - tokens and what they cost: counted per turn and session by their owners, per person
 * here. A person's count begins anew chat.budget_time after its first token. Bounded: when there
 * are too many people, counts that are over go first, then the oldest. */
#ifndef TH_CHAT_BUDGET_H
#define TH_CHAT_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/table.h"
#include "chat/provider.h"
#include "config/settings.h"

typedef struct th_budget {
    th_table_t *people; /* principal -> count */
    th_list_t counts;   /* oldest first */
} th_budget_t;

bool th_budget_open(th_budget_t *budget, size_t people);
void th_budget_close(th_budget_t *budget);
void th_budget_add(th_budget_t *budget, const char *principal, int64_t tokens, uint64_t now_ms,
                   uint64_t span_ms);
/* Spent within the span; 0 for somebody unknown. */
int64_t th_budget_spent(const th_budget_t *budget, const char *principal, uint64_t now_ms,
                        uint64_t span_ms);

void th_usage_add(th_usage_t *to, const th_usage_t *usage);
/* All tokens, whatever they cost. */
int64_t th_usage_tokens(const th_usage_t *usage);
/* In units of the operator's currency; -1 when no price is set. */
double th_usage_cost(const th_usage_t *usage, const th_settings_t *settings);

#endif
