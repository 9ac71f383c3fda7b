/* grammar_range.c - the top of the grammar: the words in front that introduce a date, a moment, and
 * the end of a range behind it. */
#include "date/grammar.h"

/* The words that introduce a date; they are no part of its span. Longer phrases first. */
typedef struct {
    th_key_t keys[3]; /* TH_KEY_NONE ends them */
    bool deadline;
    bool clock;                                         /* a bare hour may follow: "by 5" */
    enum { PLAIN, VAGUE, PAST, BETWEEN, LABEL } effect; /* LABEL: "due:", "deadline is" */
    int left; /* how many of the keys belong to the date */
} introduction_t;

static const introduction_t introductions[] = {
    {{TH_KEY_ON, TH_KEY_OR, TH_KEY_BEFORE}, true, false, PLAIN, 0},
    {{TH_KEY_ON, TH_KEY_OR, TH_KEY_AFTER}, false, false, PLAIN, 0},
    {{TH_KEY_NO, TH_KEY_LATER, TH_KEY_THAN}, true, true, PLAIN, 0},
    {{TH_KEY_NOT, TH_KEY_LATER, TH_KEY_THAN}, true, true, PLAIN, 0},
    {{TH_KEY_NOT, TH_KEY_BEFORE}, false, true, PLAIN, 0},
    {{TH_KEY_NOT, TH_KEY_UNTIL}, false, true, PLAIN, 0},
    {{TH_KEY_PRIOR, TH_KEY_TO}, true, true, PLAIN, 0},
    {{TH_KEY_AS, TH_KEY_OF}, false, true, PLAIN, 0},
    {{TH_KEY_RIGHT, TH_KEY_NOW}, false, false, PLAIN, 1},
    {{TH_KEY_JUST, TH_KEY_NOW}, false, false, PLAIN, 1},
    {{TH_KEY_DUE, TH_KEY_DATE}, true, false, LABEL, 0},
    {{TH_KEY_DUE}, true, false, LABEL, 0},
    {{TH_KEY_DEADLINE}, true, false, LABEL, 0},
    {{TH_KEY_BY}, true, true, PLAIN, 0},
    {{TH_KEY_BEFORE}, true, true, PLAIN, 0},
    {{TH_KEY_UNTIL}, true, true, PLAIN, 0},
    {{TH_KEY_LATEST}, true, true, PLAIN, 0},
    {{TH_KEY_BETWEEN}, false, true, BETWEEN, 0},
    {{TH_KEY_AT}, false, true, PLAIN, 0},
    {{TH_KEY_FROM}, false, true, PLAIN, 0},
    {{TH_KEY_AROUND}, false, true, VAGUE, 0},
    {{TH_KEY_ABOUT}, false, true, VAGUE, 0},
    {{TH_KEY_SINCE}, false, true, PAST, 0},
    {{TH_KEY_ON}, false, false, PLAIN, 0},
    {{TH_KEY_FOR}, false, false, PLAIN, 0},
    {{TH_KEY_AFTER}, false, false, PLAIN, 0},
    {{TH_KEY_STARTING}, false, false, PLAIN, 0},
    {{TH_KEY_DURING}, false, false, PLAIN, 0},
    {{TH_KEY_THROUGH}, false, false, PLAIN, 0},
    {{TH_KEY_OVER}, false, false, PLAIN, 0},
    {{TH_KEY_IN}, false, false, PLAIN, 0},
};

/* The row that stands at <at>, and how many tokens it has; NULL when there is none. */
static const introduction_t *find_introduction(th_reader_t *reader, size_t at, int *length) {
    for (size_t i = 0; i < sizeof(introductions) / sizeof(introductions[0]); i++) {
        int count = 0;
        while (count < 3 && introductions[i].keys[count] != TH_KEY_NONE &&
               th_key(reader, at + (size_t)count, introductions[i].keys[count]))
            count++;
        if (count < 3 && introductions[i].keys[count] != TH_KEY_NONE) continue;
        *length = count - introductions[i].left;
        return &introductions[i];
    }
    return NULL;
}

/* Marks and a slip: "@5pm", "~5pm", "b4 Friday". */
static bool read_odd_introduction(th_reader_t *reader, size_t *at) {
    int four;
    if (th_mark(reader, *at, '@') || th_mark(reader, *at, '~')) {
        ++*at;
    } else if (th_text(reader, *at, "b") && th_at(reader, *at + 1)->glued &&
               th_digits(reader, *at + 1, 1, 1, 4, &four) && four == 4) {
        reader->partial->deadline = true;
        *at += 2;
    } else {
        return false;
    }
    reader->introduced = reader->clock = true;
    return true;
}

static void read_introduction(th_reader_t *reader, size_t *at) {
    th_partial_t *partial = reader->partial;
    for (int phrases = 0; phrases < 6; phrases++) {
        int length;
        const introduction_t *row = find_introduction(reader, *at, &length);
        if (!row) {
            if (read_odd_introduction(reader, at)) continue;
            return;
        }
        *at += (size_t)length;
        if (row->effect == LABEL && (th_mark(reader, *at, ':') || th_text(reader, *at, "is")))
            ++*at;
        if (row->effect == VAGUE) partial->vague = true;
        if (row->effect == PAST) partial->past = true;
        if (row->effect == BETWEEN) reader->between = true;
        reader->introduced = true;
        reader->clock = row->clock;
        partial->deadline = partial->deadline || row->deadline;
    }
}

/* A range of two moments shares what only one of them says: "Monday to Friday next week". */
static void share(th_reader_t *reader, th_node_t *begin, th_node_t *end) {
    th_node_t *a = begin->child >= 0 ? th_node(reader, begin->child) : NULL;
    th_node_t *b = end->child >= 0 ? th_node(reader, end->child) : NULL;
    if (!a && b && begin->time.said && end->time.said) begin->child = end->child;
    if (begin->zone.kind == TH_ZONE_NONE)
        begin->zone = end->zone;
    else if (end->zone.kind == TH_ZONE_NONE)
        end->zone = begin->zone;
    if (!a || !b) return;
    if (a->kind == TH_NODE_WEEKDAY && a->which == TH_WHICH_NONE && b->kind == TH_NODE_WITHIN) {
        int weekday = a->weekday, index = begin->child;
        *th_node(reader, index) = *b;
        th_node(reader, index)->weekday = weekday;
    }
    if (th_takes_year(a) && a->kind == TH_NODE_CALENDAR && b->kind == TH_NODE_CALENDAR && b->year) {
        bool wraps = a->month > b->month || (a->month == b->month && a->day > b->day);
        a->year = b->year - wraps;
    }
    if (a->kind == TH_NODE_QUARTER && b->kind == TH_NODE_QUARTER && !a->year && b->year)
        a->year = b->year;
}

/* Day nodes of a range get moments of their own, with what is said behind: "4-8 December at 9am" is
 * left. */
static bool read_days(th_reader_t *reader, size_t *at) {
    th_partial_t *partial = reader->partial;
    int begin, end;
    size_t p = *at;
    if (!th_read_day_range(reader, &p, &begin, &end)) return false;
    int first = th_node_new(reader, TH_NODE_MOMENT), last = th_node_new(reader, TH_NODE_MOMENT);
    if (first < 0 || last < 0) return false;
    th_node(reader, first)->child = begin;
    th_node(reader, last)->child = end;
    partial->root = first;
    partial->end_root = last;
    *at = p;
    return true;
}

/* ISO 8601 intervals: 2026-12-04/2026-12-08, 2026-12-04T10:00/12:00, 2026-12-04/P3D. */
static bool read_iso_end(th_reader_t *reader, size_t *at) {
    th_partial_t *partial = reader->partial;
    th_node_t *begin = th_node(reader, partial->root);
    size_t p = *at;
    th_amount_t amount;
    if (!th_glued_mark(reader, p, '/') || !th_at(reader, p + 1)->glued) return false;
    p++;
    int index;
    if (th_read_iso_duration(reader, &p, &amount)) {
        int shift = th_node_new(reader, TH_NODE_SHIFT);
        index = th_node_new(reader, TH_NODE_MOMENT);
        if (index < 0) return false;
        th_node(reader, shift)->amount = amount;
        th_node(reader, shift)->child = partial->root;
        th_node(reader, index)->child = shift;
    } else {
        index = th_read_moment(reader, &p, true);
        if (index < 0) return false;
        if (th_node(reader, index)->child < 0) th_node(reader, index)->child = begin->child;
        share(reader, begin, th_node(reader, index));
    }
    partial->end_root = index;
    *at = p;
    return true;
}

static bool is_range_end(const th_reader_t *reader, const th_node_t *begin, const th_node_t *end,
                         bool dash) {
    const th_partial_t *partial = reader->partial;
    if (begin->child >= 0 && end->child >= 0) {
        const th_node_t *b = &partial->nodes[end->child];
        if (b->kind == TH_NODE_DAY_OF && dash) return false;
        return b->kind != TH_NODE_SHIFT || partial->nodes[begin->child].kind == TH_NODE_SHIFT ||
               partial->nodes[begin->child].kind == TH_NODE_NOW || b->child >= 0 || !dash;
    }
    return begin->time.said && end->time.said;
}

/* "to", "-", "through", "until" and a second moment. */
static void read_end(th_reader_t *reader, size_t *at) {
    th_partial_t *partial = reader->partial;
    if (read_iso_end(reader, at)) return;
    size_t p = *at;
    bool dash = th_skip_mark(reader, &p, '-');
    bool joined = dash || th_skip_key(reader, &p, TH_KEY_TO) ||
                  th_skip_key(reader, &p, TH_KEY_THROUGH) ||
                  th_skip_key(reader, &p, TH_KEY_UNTIL) ||
                  (reader->between && th_skip_key(reader, &p, TH_KEY_AND));
    if (!joined) return;
    bool introduced = reader->introduced, deadline = partial->deadline, vague = partial->vague;
    int count = partial->count;
    reader->introduced = true;
    if (!dash) th_skip_key(reader, &p, TH_KEY_AT);
    int index = th_read_moment(reader, &p, !dash || th_node(reader, partial->root)->time.said);
    reader->introduced = introduced;
    partial->deadline = deadline;
    partial->vague = vague;
    th_node_t *begin = th_node(reader, partial->root);
    if (index < 0 || !is_range_end(reader, begin, th_node(reader, index), dash)) {
        partial->count = count;
        return;
    }
    th_node_t *end = th_node(reader, index);
    if (end->child < 0) end->child = begin->child;
    share(reader, begin, end);
    partial->end_root = index;
    *at = p;
}

/* "at the latest", "latest". */
static bool is_latest(th_reader_t *reader, size_t at) {
    if (th_key(reader, at, TH_KEY_AT) && th_key(reader, at + 1, TH_KEY_THE)) at += 2;
    return th_key(reader, at, TH_KEY_LATEST);
}

/* "at 5" is a time; "by 5" too, but not "by one"; "from 1 to 10" and "about 5" count, without a
 * date beside. */
static bool bare_hour_counts(th_reader_t *reader, size_t first, const th_time_t *end) {
    const th_node_t *root = th_node(reader, reader->partial->root);
    if (!root->time.bare || root->child >= 0 || reader->whole) return true;
    if (first == 0 || end->said) return false;
    if (th_key(reader, first - 1, TH_KEY_AT) || th_mark(reader, first - 1, '@')) return true;
    bool limit = th_key(reader, first - 1, TH_KEY_BY) || th_key(reader, first - 1, TH_KEY_BEFORE) ||
                 th_key(reader, first - 1, TH_KEY_UNTIL) || th_key(reader, first - 1, TH_KEY_THAN);
    return limit && th_at(reader, first)->kind == TH_TOKEN_NUMBER;
}

/* Words that begin no date themselves. */
static bool only_introduces(th_reader_t *reader, size_t at) {
    return th_key(reader, at, TH_KEY_BY) || th_key(reader, at, TH_KEY_ON) ||
           th_key(reader, at, TH_KEY_BEFORE) || th_key(reader, at, TH_KEY_UNTIL) ||
           th_key(reader, at, TH_KEY_DUE) || th_key(reader, at, TH_KEY_FROM) ||
           th_key(reader, at, TH_KEY_SINCE) || th_key(reader, at, TH_KEY_BETWEEN);
}

bool th_read_partial(th_reader_t *reader, size_t at, th_partial_t *partial) {
    size_t p = at;
    partial->count = 0;
    partial->root = partial->end_root = TH_NO_NODE;
    partial->deadline = partial->vague = partial->past = partial->weak = false;
    reader->partial = partial;
    reader->introduced = reader->clock = reader->between = false;
    reader->depth = reader->steps = 0;
    /* "in 3 days" and "within" belong to the date: tried before they are taken for an introduction
     */
    size_t q = p;
    th_time_t end = {.said = false};
    if (!only_introduces(reader, p) && !read_days(reader, &q)) {
        partial->count = 0;
        q = p;
        partial->root = th_read_moment_range(reader, &q, false, &end);
    }
    if (partial->root < 0) {
        partial->count = 0;
        partial->deadline = partial->vague = partial->weak = false;
        reader->steps = 0;
        read_introduction(reader, &p);
        if (p == at) return false;
        q = p;
        if (!read_days(reader, &q)) {
            partial->count = 0;
            q = p;
            partial->root = th_read_moment_range(reader, &q, reader->clock, &end);
        }
        if (partial->root < 0) return false;
    }
    while (th_key(reader, p, TH_KEY_AT) && p + 1 < q)
        p++;
    if (!bare_hour_counts(reader, p, &end)) return false;
    partial->first = p;
    if (end.said) {
        int last = th_node_new(reader, TH_NODE_MOMENT);
        if (last < 0) return false;
        *th_node(reader, last) = *th_node(reader, partial->root);
        th_node(reader, last)->time = end;
        partial->end_root = last;
    } else if (partial->end_root < 0) {
        read_end(reader, &q);
    }
    if (is_latest(reader, q)) partial->deadline = true;
    if (reader->introduced) partial->weak = false;
    partial->next = q;
    return true;
}
