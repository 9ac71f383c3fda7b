/* schema_unevaluated.c - which members and elements have been evaluated, and the two keywords that
 * ask for the others. A set is one bit per position in the instance's container. */
#include <stdlib.h>

#include "json/schema_keywords.h"

bool th_schema_seen_init(th_schema_run_t *run, th_schema_seen_t *seen, th_json_value_t instance) {
    seen->count = th_json_count(instance);
    size_t words = seen->count / 64 + 1;
    memset(seen->inside, 0, sizeof seen->inside);
    seen->bits = seen->inside;
    if (words <= sizeof seen->inside / sizeof seen->inside[0]) return true;
    seen->bits = th_schema_spend(run, words) ? calloc(words, sizeof *seen->bits) : NULL;
    return seen->bits || th_schema_stop(run, "memory ran out");
}

void th_schema_seen_free(th_schema_seen_t *seen) {
    if (seen->bits != seen->inside) free(seen->bits);
}

void th_schema_seen_merge(th_schema_seen_t *into, const th_schema_seen_t *from) {
    for (size_t i = 0; i < into->count / 64 + 1; i++)
        into->bits[i] |= from->bits[i];
}

TH_SCHEMA_CHECK(th_check_unevaluated_properties) {
    bool valid = true;
    size_t position = 0;
    th_json_iterator_t it = th_json_iterate(at->instance);
    for (; th_json_next(&it); position++) {
        if (th_schema_seen_has(at->seen, position)) continue;
        th_schema_seen_mark(at->seen, position);
        if (!th_schema_spend(at->run, 1)) return false;
        if (rule->as.node->shape == TH_SHAPE_FALSE)
            valid = th_schema_fail(at, rule->keyword->name, "%s is not a known property",
                                   th_excerpt_name(it.key).text);
        else if (!th_schema_evaluate(at->run, at->scope, rule->as.node, it.value, NULL))
            valid = false;
        if (!valid && !at->run->report) return false;
    }
    return valid;
}

TH_SCHEMA_CHECK(th_check_unevaluated_items) {
    bool valid = true;
    size_t position = 0;
    th_json_iterator_t it = th_json_iterate(at->instance);
    for (; th_json_next(&it); position++) {
        if (th_schema_seen_has(at->seen, position)) continue;
        th_schema_seen_mark(at->seen, position);
        if (!th_schema_spend(at->run, 1)) return false;
        if (rule->as.node->shape == TH_SHAPE_FALSE)
            valid =
                th_schema_fail(at, rule->keyword->name, "element %zu is not expected", position);
        else if (!th_schema_evaluate(at->run, at->scope, rule->as.node, it.value, NULL))
            valid = false;
        if (!valid && !at->run->report) return false;
    }
    return valid;
}
