/* budget.c - counts per person, sums, prices. */
#include "chat/budget.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct count {
    th_list_t link;
    char principal[17];
    uint64_t began_at;
    int64_t tokens;
} count_t;

static count_t *count_at(const th_list_t *node) {
    return TH_CONTAINER(node, count_t, link);
}

bool th_budget_open(th_budget_t *budget, size_t people) {
    th_list_init(&budget->counts);
    budget->people = th_table_new(people);
    return budget->people != NULL;
}

static void drop_oldest(th_budget_t *budget) {
    count_t *count = count_at(th_list_take_first(&budget->counts));
    (void)th_table_remove(budget->people, th_slice_of(count->principal));
    free(count);
}

void th_budget_close(th_budget_t *budget) {
    if (!budget->people) return;
    while (!th_list_is_empty(&budget->counts))
        drop_oldest(budget);
    th_table_free(budget->people);
    budget->people = NULL;
}

static count_t *begin(th_budget_t *budget, const char *principal) {
    count_t *count = calloc(1, sizeof *count);
    if (!count) return NULL;
    (void)snprintf(count->principal, sizeof count->principal, "%s", principal);
    while (!th_table_put(budget->people, th_slice_of(count->principal), count)) {
        if (th_list_is_empty(&budget->counts)) {
            free(count);
            return NULL;
        }
        drop_oldest(budget);
    }
    th_list_init(&count->link);
    return count;
}

void th_budget_add(th_budget_t *budget, const char *principal, int64_t tokens, uint64_t now_ms,
                   uint64_t span_ms) {
    while (!th_list_is_empty(&budget->counts) &&
           now_ms - count_at(budget->counts.next)->began_at >= span_ms)
        drop_oldest(budget);
    count_t *count = th_table_get(budget->people, th_slice_of(principal));
    if (!count) {
        count = begin(budget, principal);
        if (!count) return;
        count->began_at = now_ms; /* so the list is in the order of beginnings */
        th_list_add_tail(&budget->counts, &count->link);
    }
    count->tokens += tokens;
}

int64_t th_budget_spent(const th_budget_t *budget, const char *principal, uint64_t now_ms,
                        uint64_t span_ms) {
    const count_t *count = th_table_get(budget->people, th_slice_of(principal));
    return count && now_ms - count->began_at < span_ms ? count->tokens : 0;
}

void th_usage_add(th_usage_t *to, const th_usage_t *usage) {
    to->input_tokens += usage->input_tokens;
    to->output_tokens += usage->output_tokens;
    to->cache_read_tokens += usage->cache_read_tokens;
    to->cache_write_tokens += usage->cache_write_tokens;
}

int64_t th_usage_tokens(const th_usage_t *usage) {
    return usage->input_tokens + usage->output_tokens + usage->cache_read_tokens +
           usage->cache_write_tokens;
}

double th_usage_cost(const th_usage_t *usage, const th_settings_t *settings) {
    if (!settings->chat_price_input && !settings->chat_price_output &&
        !settings->chat_price_cache_read && !settings->chat_price_cache_write)
        return -1;
    double thousandths =
        (double)usage->input_tokens * (double)settings->chat_price_input +
        (double)usage->output_tokens * (double)settings->chat_price_output +
        (double)usage->cache_read_tokens * (double)settings->chat_price_cache_read +
        (double)usage->cache_write_tokens * (double)settings->chat_price_cache_write;
    return thousandths / 1e9; /* per million tokens, in thousandths */
}
