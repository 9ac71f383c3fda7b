/* schema_validate.c - one validation: budgets, depth, the dynamic scope, and the loop over a node's
 * rules that everything else hangs off. */
#include "json/schema_keywords.h"

#include "json/tape.h"

bool th_schema_stop(th_schema_run_t *run, const char *why) {
    if (!run->stopped) run->stopped = why;
    return false;
}

bool th_schema_spend(th_schema_run_t *run, uint64_t steps) {
    if (run->stopped) return false;
    if (run->work < steps) return th_schema_stop(run, "it takes too much work");
    run->work -= steps;
    return true;
}

uint32_t th_schema_type_bits(th_json_value_t value) {
    int64_t integer;
    double number;
    switch (th_json_type(value)) {
    case TH_JSON_NULL: return TH_SCHEMA_NULL;
    case TH_JSON_FALSE:
    case TH_JSON_TRUE: return TH_SCHEMA_BOOLEAN;
    case TH_JSON_INTEGER:
    case TH_JSON_UNSIGNED: return TH_SCHEMA_INTEGER | TH_SCHEMA_NUMBER;
    case TH_JSON_REAL:
        if (th_json_integer(value, &integer)) return TH_SCHEMA_INTEGER | TH_SCHEMA_NUMBER;
        /* Every double beyond 2^53 is whole. */
        if (th_json_number(value, &number) && (number > 9e15 || number < -9e15))
            return TH_SCHEMA_INTEGER | TH_SCHEMA_NUMBER;
        return TH_SCHEMA_NUMBER;
    case TH_JSON_STRING: return TH_SCHEMA_STRING;
    case TH_JSON_ARRAY: return TH_SCHEMA_ARRAY;
    case TH_JSON_OBJECT: return TH_SCHEMA_OBJECT;
    case TH_JSON_ABSENT: return 0;
    }
    return 0;
}

uint64_t th_schema_weight(th_json_value_t value) {
    if (!value.document) return 0;
    return th_tape_after(th_tape(value.document)[value.index], value.index) - value.index;
}

static bool check_rules(const th_schema_context_t *at, const th_schema_node_t *node) {
    bool valid = true;
    for (size_t i = 0; i < node->rule_count; i++) {
        const th_schema_rule_t *rule = &node->rules[i];
        if (!(rule->keyword->types & at->type)) continue;
        /* What is left unevaluated means something only when all else held. */
        if (!valid && (!at->run->report || rule->keyword->last)) break;
        if (!th_schema_spend(at->run, 1)) return false;
        if (!rule->keyword->check(at, rule)) valid = false;
    }
    return valid && !at->run->stopped;
}

static bool evaluate_rules(th_schema_context_t *at, const th_schema_node_t *node) {
    bool container = (at->type & (TH_SCHEMA_ARRAY | TH_SCHEMA_OBJECT)) != 0;
    if (!node->has_unevaluated || !container) return check_rules(at, node);
    th_schema_seen_t own, *outer = at->seen;
    if (!th_schema_seen_init(at->run, &own, at->instance)) return false;
    at->seen = &own;
    bool valid = check_rules(at, node);
    if (valid && outer) th_schema_seen_merge(outer, &own);
    at->seen = outer;
    th_schema_seen_free(&own);
    return valid;
}

bool th_schema_evaluate(th_schema_run_t *run, const th_schema_scope_t *scope,
                        const th_schema_node_t *node, th_json_value_t instance,
                        th_schema_seen_t *seen) {
    if (node->shape == TH_SHAPE_TRUE) return true;
    th_schema_scope_t here = {.outer = scope, .resource = node->resource};
    th_schema_context_t at = {.run = run,
                              .scope = scope && scope->resource == node->resource ? scope : &here,
                              .instance = instance,
                              .type = th_schema_type_bits(instance),
                              .seen = seen};
    if (node->shape == TH_SHAPE_FALSE)
        return th_schema_fail(&at, "false", "nothing is allowed here");
    if (!th_schema_spend(run, 1)) return false;
    if (run->depth >= TH_SCHEMA_MAX_DEPTH)
        return th_schema_stop(run, "schemas apply each other too deeply");
    run->depth++;
    bool valid = evaluate_rules(&at, node);
    run->depth--;
    return valid;
}

bool th_schema_evaluate_quietly(th_schema_run_t *run, const th_schema_scope_t *scope,
                                const th_schema_node_t *node, th_json_value_t instance,
                                th_schema_seen_t *seen) {
    th_schema_report_t *report = run->report;
    run->report = NULL;
    bool valid = th_schema_evaluate(run, scope, node, instance, seen);
    run->report = report;
    return valid;
}

/* No keyword has a say about no value at all; without this it would pass. */
static bool fail_absent(th_schema_run_t *run) {
    th_schema_context_t at = {.run = run, .instance = run->root};
    return th_schema_fail(&at, "type", "there is no value");
}

static void report_stop(th_schema_run_t *run) {
    th_schema_report_t *report = run->report;
    report->exhausted = true;
    if (report->count == TH_SCHEMA_MAX_ERRORS) { /* why it ended matters more than the last error */
        report->count--;
        report->more = true;
    }
    th_schema_context_t at = {.run = run, .instance = run->root};
    (void)th_schema_fail(&at, "limit", "could not be checked to the end: %s", run->stopped);
}

bool th_schema_validate(const th_schema_t *schema, th_json_value_t instance,
                        th_schema_report_t *report) {
    if (report) {
        report->count = 0;
        report->more = report->exhausted = false;
    }
    th_schema_run_t run = {.schema = schema,
                           .root = instance,
                           .report = report,
                           .room = TH_SCHEMA_MAX_ERRORS,
                           .work = TH_SCHEMA_MAX_WORK};
    bool valid = th_schema_evaluate(&run, NULL, schema->root, instance, NULL) && !run.stopped;
    if (th_json_type(instance) == TH_JSON_ABSENT) valid = fail_absent(&run);
    th_regex_scratch_free(run.scratch);
    if (run.stopped && report) report_stop(&run);
    return valid;
}

TH_SCHEMA_CHECK(th_check_reference) {
    const th_schema_node_t *node = rule->as.reference->node;
    if (rule->as.reference->dynamic_name.length > 0) {
        /* The outermost resource that has the anchor decides. */
        for (const th_schema_scope_t *scope = at->scope; scope; scope = scope->outer) {
            const th_schema_node_t *candidate =
                th_schema_resource_anchor(scope->resource, rule->as.reference->dynamic_name, true);
            if (candidate) node = candidate;
        }
    }
    return th_schema_evaluate(at->run, at->scope, node, at->instance, at->seen);
}
