/* grammar_edge.c - the edges of periods: "end of next quarter", "mid-March", "month-end", "EOM". */
#include <string.h>

#include "date/grammar.h"

static int make_edge(th_reader_t *reader, th_edge_t edge, int child) {
    int index = th_node_new(reader, TH_NODE_EDGE);
    if (index < 0 || child < 0) return TH_NO_NODE;
    th_node(reader, index)->edge = edge;
    th_node(reader, index)->child = child;
    return index;
}

/* EOW, EOM, EOQ, EOY, with "next month" or a month's name behind. */
static int read_limit(th_reader_t *reader, size_t *at) {
    static const th_unit_t units[] = {TH_UNIT_DAY,   TH_UNIT_DAY,     TH_UNIT_WEEK,
                                      TH_UNIT_MONTH, TH_UNIT_QUARTER, TH_UNIT_YEAR};
    size_t p = *at;
    int limit;
    if (!th_means(reader, p, TH_SENSE_LIMIT, &limit) || limit < TH_LIMIT_WEEK ||
        limit > TH_LIMIT_YEAR)
        return TH_NO_NODE;
    p++;
    size_t q = p;
    int child = th_read_period(reader, &q, false);
    if (child < 0 && limit == TH_LIMIT_MONTH) child = th_read_calendar(reader, &q);
    if (child < 0 && limit == TH_LIMIT_YEAR) child = th_read_bare_year(reader, &q, true);
    if (child >= 0)
        p = q;
    else
        child = th_make_period(reader, units[limit], 0);
    *at = p;
    return make_edge(reader, TH_EDGE_END, child);
}

/* The period in "month-end", "year end", "week's end", "fiscal year end". */
static int read_ending_unit(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int unit = 0;
    th_which_t which = TH_WHICH_NONE;
    th_read_which(reader, &p, &which);
    bool fiscal = th_skip_key(reader, &p, TH_KEY_FISCAL);
    if (!th_means(reader, p, TH_SENSE_UNIT, &unit) || unit < TH_UNIT_WEEK || unit > TH_UNIT_YEAR)
        return TH_NO_NODE;
    p++;
    if (th_mark(reader, p, '\'') && th_text(reader, p + 1, "s")) p += 2;
    int index = th_make_period(reader, (th_unit_t)unit, th_which_offset(which));
    if (index < 0) return index;
    th_node(reader, index)->fiscal = fiscal;
    *at = p;
    return index;
}

/* And in "Q3 end", "March end". */
static int read_ending_name(th_reader_t *reader, size_t *at) {
    int month = 0, index = th_read_quarter(reader, at);
    if (index >= 0 || !th_means(reader, *at, TH_SENSE_MONTH, &month)) return index;
    index = th_node_new(reader, TH_NODE_CALENDAR);
    if (index < 0) return index;
    th_node(reader, index)->month = month;
    ++*at;
    return index;
}

static int read_unit_end(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    th_skip_key(reader, &p, TH_KEY_THE);
    int child = read_ending_unit(reader, &p);
    if (child < 0) child = read_ending_name(reader, &p);
    if (child < 0) return child;
    th_skip_mark(reader, &p, '-');
    if (!th_text(reader, p, "end")) return TH_NO_NODE;
    *at = p + 1;
    return make_edge(reader, TH_EDGE_END, child);
}

/* What has edges: a period, a month, or a day. */
static int read_edged(th_reader_t *reader, size_t *at, bool of) {
    size_t p = *at;
    int depth = reader->depth;
    if (depth >= TH_DEPTH_MAX) return TH_NO_NODE;
    reader->depth = depth + 2;
    int child = th_read_period(reader, &p, true);
    if (child < 0) child = th_read_shift(reader, &p);
    if (child < 0) child = th_read_calendar(reader, &p);
    if (child < 0) child = th_read_relative_day(reader, &p);
    if (child < 0 && of) child = th_read_weekday(reader, &p);
    if (child < 0 && of) child = th_read_numeric(reader, &p);
    reader->depth = depth;
    if (child >= 0) *at = p;
    return child;
}

int th_read_edge(th_reader_t *reader, size_t *at) {
    int index = read_limit(reader, at);
    if (index < 0) index = read_unit_end(reader, at);
    if (index >= 0) return index;
    size_t p = *at;
    int edge;
    bool article = th_skip_key(reader, &p, TH_KEY_THE);
    if (th_text(reader, p, "very")) p++;
    if (th_text(reader, p, "midweek")) {
        *at = p + 1;
        return make_edge(reader, TH_EDGE_MIDDLE, th_make_period(reader, TH_UNIT_WEEK, 0));
    }
    bool later = th_key(reader, p, TH_KEY_LATER) && th_text(reader, p + 1, "this");
    bool close = th_key(reader, p, TH_KEY_CLOSE);
    bool turn = th_text(reader, p, "turn");
    if (later)
        edge = TH_EDGE_LATER;
    else if (close)
        edge = TH_EDGE_END;
    else if (turn)
        edge = TH_EDGE_START;
    else if (!th_means(reader, p, TH_SENSE_EDGE, &edge))
        return TH_NO_NODE;
    p++;
    bool dash = th_skip_mark(reader, &p, '-');
    bool of = th_skip_key(reader, &p, TH_KEY_OF) ||
              (edge >= TH_EDGE_EARLY && (th_skip_key(reader, &p, TH_KEY_IN)));
    if (dash) th_skip_mark(reader, &p, '-');
    if ((close || turn) && !of) return TH_NO_NODE;
    if (!of && article && edge != TH_EDGE_MIDDLE) return TH_NO_NODE;
    int child = read_edged(reader, &p, of);
    if (child < 0) return child;
    th_node_t *node = th_node(reader, child);
    if (node->kind == TH_NODE_SHIFT && !of) return TH_NO_NODE;
    if (!of && node->kind == TH_NODE_CALENDAR && node->day) return TH_NO_NODE;
    if (!of && node->kind == TH_NODE_DAY && edge < TH_EDGE_EARLY) return TH_NO_NODE;
    /* "start Monday": the word is a verb */
    if (!of && edge == TH_EDGE_START && node->kind != TH_NODE_CALENDAR) return TH_NO_NODE;
    if (edge >= TH_EDGE_EARLY) reader->partial->vague = true;
    *at = p;
    return make_edge(reader, (th_edge_t)edge, child);
}
