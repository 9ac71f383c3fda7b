/* schema_applicators.c - checks that apply subschemas: to members, to elements, and to the instance
 * itself. Forks (anyOf, oneOf, if) collect what a branch evaluated apart from the rest, and keep it
 * only when the branch holds. */
#include <stdio.h>
#include <string.h>

#include "json/schema_keywords.h"

/* ---- members ---- */

/* "; there are a, b and 3 more": the keys of <names>, as many as fit; "" where there are none. */
static void list_known(th_json_value_t names, char *out, size_t size) {
    size_t length = 0, left = th_json_count(names);
    out[0] = '\0';
    th_json_iterator_t it = th_json_iterate(names);
    for (; left > 0 && th_json_next(&it); left--) {
        const char *before = length == 0 ? "; there are " : ", ";
        if (length + strlen(before) + it.key.length + sizeof " and 12345 more" > size) break;
        length += (size_t)snprintf(out + length, size - length, "%s%.*s", before,
                                   (int)it.key.length, it.key.data);
    }
    if (length > 0 && left > 0) (void)snprintf(out + length, size - length, " and %zu more", left);
}

static bool fail_unexpected(const th_schema_context_t *at, th_slice_t key,
                            const th_schema_members_t *members) {
    th_slice_t near = {NULL, 0};
    if (th_schema_wanted(at)) near = th_schema_nearest(key, members->names);
    if (near.length > 0)
        return th_schema_fail(at, "additionalProperties",
                              "%s is not a known property; did you mean %s?",
                              th_excerpt_name(key).text, th_excerpt_name(near).text);
    char known[180] = "";
    if (th_schema_wanted(at)) list_known(members->names, known, sizeof known);
    return th_schema_fail(at, "additionalProperties", "%s is not a known property%s",
                          th_excerpt_name(key).text, known);
}

/* False with the run stopped is false too. */
static bool check_member(const th_schema_context_t *at, const th_schema_rule_t *rule,
                         th_slice_t key, th_json_value_t value, bool *evaluated) {
    const th_schema_members_t *members = rule->as.members;
    const th_schema_named_t *named = th_schema_named_find(&members->named, key);
    bool valid = true;
    *evaluated = named != NULL;
    if (named && !th_schema_evaluate(at->run, at->scope, named->node, value, NULL)) valid = false;
    for (size_t i = 0; i < members->pattern_count; i++) {
        bool failed = false;
        if (!th_schema_matches(at->run, members->patterns[i].regex, key, &failed)) {
            if (failed) return false;
            continue;
        }
        *evaluated = true;
        if (!th_schema_evaluate(at->run, at->scope, members->patterns[i].node, value, NULL))
            valid = false;
    }
    if (*evaluated || !members->additional) return valid;
    *evaluated = true;
    if (members->additional->shape == TH_SHAPE_FALSE) return fail_unexpected(at, key, members);
    return th_schema_evaluate(at->run, at->scope, members->additional, value, NULL);
}

TH_SCHEMA_CHECK(th_check_members) {
    bool valid = true;
    size_t position = 0;
    th_json_iterator_t it = th_json_iterate(at->instance);
    for (; th_json_next(&it); position++) {
        bool evaluated;
        if (!th_schema_spend(at->run, 1)) return false;
        if (!check_member(at, rule, it.key, it.value, &evaluated)) {
            valid = false;
            if (!at->run->report || at->run->stopped) return false;
        }
        if (evaluated) th_schema_seen_mark(at->seen, position);
    }
    return valid;
}

TH_SCHEMA_CHECK(th_check_property_names) {
    bool valid = true;
    th_json_iterator_t it = th_json_iterate(at->instance);
    while (th_json_next(&it)) {
        /* A key lies right before its value, as a string like any other (tape.h). */
        th_json_value_t key = {it.value.document, it.value.index - 1};
        if (th_schema_evaluate_quietly(at->run, at->scope, rule->as.node, key, NULL)) continue;
        if (!at->run->report || at->run->stopped) return false;
        valid = th_schema_fail(at, rule->keyword->name, "%s is not allowed as a property name",
                               th_excerpt_name(it.key).text);
    }
    return valid;
}

TH_SCHEMA_CHECK(th_check_dependent_schemas) {
    bool valid = true;
    for (size_t i = 0; i < rule->as.named.count; i++) {
        const th_schema_named_t *entry = &rule->as.named.entries[i];
        if (!th_schema_spend(at->run, 1 + th_json_count(at->instance) / 8)) return false;
        if (th_json_type(th_json_get(at->instance, entry->name)) == TH_JSON_ABSENT) continue;
        if (!entry->node) {
            th_json_iterator_t it = th_json_iterate(entry->value);
            th_slice_t name;
            while (th_json_next(&it))
                if (th_json_string(it.value, &name) &&
                    th_json_type(th_json_get(at->instance, name)) == TH_JSON_ABSENT)
                    valid = th_schema_fail(
                        at, rule->keyword->name, "has %s, so it must have %s too",
                        th_excerpt_name(entry->name).text, th_excerpt(it.value).text);
        } else if (!th_schema_evaluate(at->run, at->scope, entry->node, at->instance, at->seen)) {
            valid = false;
        }
        if (!valid && !at->run->report) return false;
    }
    return valid;
}

/* ---- elements ---- */

TH_SCHEMA_CHECK(th_check_items) {
    const th_schema_items_t *items = rule->as.items;
    bool valid = true;
    size_t position = 0;
    th_json_iterator_t it = th_json_iterate(at->instance);
    for (; th_json_next(&it); position++) {
        const th_schema_node_t *node =
            position < items->prefix.count ? items->prefix.nodes[position] : items->rest;
        if (!node) break;
        if (!th_schema_spend(at->run, 1)) return false;
        th_schema_seen_mark(at->seen, position);
        if (node->shape == TH_SHAPE_FALSE && node == items->rest)
            valid = th_schema_fail(at, "items", "has more than the %zu elements that are expected",
                                   items->prefix.count);
        else if (!th_schema_evaluate(at->run, at->scope, node, it.value, NULL))
            valid = false;
        if (!valid && (!at->run->report || at->run->stopped || node->shape == TH_SHAPE_FALSE))
            return false;
    }
    return valid;
}

TH_SCHEMA_CHECK(th_check_contains) {
    const th_schema_contains_t *contains = rule->as.contains;
    if (!contains->node) return true;
    uint64_t least = contains->has_least ? contains->least : 1, found = 0;
    size_t position = 0;
    th_json_iterator_t it = th_json_iterate(at->instance);
    for (; th_json_next(&it); position++) {
        if (!th_schema_evaluate_quietly(at->run, at->scope, contains->node, it.value, NULL)) {
            if (at->run->stopped) return false;
            continue;
        }
        found++;
        th_schema_seen_mark(at->seen, position);
    }
    if (found < least && !contains->has_least)
        return th_schema_fail(at, "contains",
                              "has no element of the kind that `contains` asks for");
    if (found < least)
        return th_schema_fail(at, "minContains",
                              "has %llu elements of the kind that `contains` asks for; at least "
                              "%llu are needed",
                              (unsigned long long)found, (unsigned long long)least);
    if (contains->has_most && found > contains->most)
        return th_schema_fail(at, "maxContains",
                              "has %llu elements of the kind that `contains` asks for; at most "
                              "%llu are allowed",
                              (unsigned long long)found, (unsigned long long)contains->most);
    return true;
}

/* ---- the instance itself ---- */

/* A branch of a fork: silent, and seen only if it holds. */
static bool try_branch(const th_schema_context_t *at, const th_schema_node_t *node) {
    if (!at->seen) return th_schema_evaluate_quietly(at->run, at->scope, node, at->instance, NULL);
    th_schema_seen_t own;
    if (!th_schema_seen_init(at->run, &own, at->instance)) return false;
    bool valid = th_schema_evaluate_quietly(at->run, at->scope, node, at->instance, &own);
    if (valid) th_schema_seen_merge(at->seen, &own);
    th_schema_seen_free(&own);
    return valid;
}

/* Says why each branch of <list> does not hold, in its first error: `(1) must be ...; (2) ...`. */
static bool fail_branches(const th_schema_context_t *at, const th_schema_rule_t *rule) {
    th_schema_run_t *run = at->run;
    if (!th_schema_wanted(at) || run->stopped) return th_schema_unrecorded(at);
    th_schema_report_t *report = run->report;
    char here[sizeof report->errors[0].instance_path], text[280];
    size_t mark = report->count, room = run->room, length = 0;
    bool more = report->more;
    th_schema_locate(run->root, at->instance, here, sizeof here);
    text[0] = '\0';
    for (size_t i = 0; i < rule->as.list.count && length + 1 < sizeof text; i++) {
        run->room = mark + 1; /* one place is enough for the first error of a branch */
        (void)th_schema_evaluate(run, at->scope, rule->as.list.nodes[i], at->instance, NULL);
        run->room = room;
        if (report->count <= mark || run->stopped) break;
        const th_schema_error_t *error = &report->errors[mark];
        bool elsewhere = strcmp(error->instance_path, here) != 0;
        int written = snprintf(text + length, sizeof text - length, "%s(%zu) %s%s%s",
                               i > 0 ? "; " : "", i + 1, elsewhere ? error->instance_path : "",
                               elsewhere ? ": " : "", error->message);
        length += written > 0 ? (size_t)written : 0;
        report->count = mark;
    }
    report->count = mark;
    report->more = more;
    th_text_trim(text, sizeof text);
    return th_schema_fail(at, rule->keyword->name, "fits none of the %zu allowed forms: %s",
                          rule->as.list.count, text);
}

TH_SCHEMA_CHECK(th_check_all_of) {
    bool valid = true;
    for (size_t i = 0; i < rule->as.list.count; i++) {
        if (th_schema_evaluate(at->run, at->scope, rule->as.list.nodes[i], at->instance, at->seen))
            continue;
        valid = false;
        if (!at->run->report || at->run->stopped) return false;
    }
    return valid;
}

TH_SCHEMA_CHECK(th_check_any_of) {
    bool valid = false;
    for (size_t i = 0; i < rule->as.list.count && (!valid || at->seen); i++)
        if (try_branch(at, rule->as.list.nodes[i])) valid = true;
    return valid || fail_branches(at, rule);
}

TH_SCHEMA_CHECK(th_check_one_of) {
    size_t first = 0, second = 0, fitting = 0;
    for (size_t i = 0; i < rule->as.list.count && fitting < 2; i++) {
        if (!try_branch(at, rule->as.list.nodes[i])) continue;
        if (++fitting == 1)
            first = i + 1;
        else
            second = i + 1;
    }
    if (fitting == 0) return fail_branches(at, rule);
    return fitting == 1 ||
           th_schema_fail(at, rule->keyword->name,
                          "fits forms %zu and %zu of the %zu, but must fit exactly one", first,
                          second, rule->as.list.count);
}

TH_SCHEMA_CHECK(th_check_not) {
    if (!th_schema_evaluate_quietly(at->run, at->scope, rule->as.node, at->instance, NULL))
        return !at->run->stopped;
    return th_schema_fail(at, rule->keyword->name, "must not fit %s", th_excerpt(rule->value).text);
}

TH_SCHEMA_CHECK(th_check_condition) {
    const th_schema_condition_t *condition = rule->as.condition;
    if (!condition->test) return true;
    bool holds = try_branch(at, condition->test);
    if (at->run->stopped) return false;
    const th_schema_node_t *next = holds ? condition->then : condition->otherwise;
    return !next || th_schema_evaluate(at->run, at->scope, next, at->instance, at->seen);
}
