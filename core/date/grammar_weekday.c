/* grammar_weekday.c - weekdays, alone and with this, next, last; "Friday of next week"; and "the
 * 2nd Friday of March", "the last working day of the month". */
#include <string.h>

#include "date/grammar.h"

bool th_read_which(th_reader_t *reader, size_t *at, th_which_t *which) {
    size_t p = *at;
    int value, second;
    if (!th_means(reader, p, TH_SENSE_WHICH, &value)) return false;
    p++;
    /* "this coming Friday", "this past Friday", "this next week" */
    if (value == TH_WHICH_THIS && th_means(reader, p, TH_SENSE_WHICH, &second)) {
        value = second == TH_WHICH_NEXT ? TH_WHICH_COMING : second;
        p++;
    } else if (value == TH_WHICH_NEXT && th_means(reader, p, TH_SENSE_WHICH, &second) &&
               second == TH_WHICH_COMING) {
        value = TH_WHICH_COMING;
        p++;
    }
    *which = (th_which_t)value;
    *at = p;
    return true;
}

/* The week that a weekday is in: "next week", "the week after next", "in 2 weeks", "the week of 7
 * December". */
static int read_week(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int index = th_read_period(reader, &p, true);
    if (index >= 0 && (th_node(reader, index)->unit != TH_UNIT_WEEK ||
                       (th_node(reader, index)->kind != TH_NODE_PERIOD &&
                        th_node(reader, index)->kind != TH_NODE_ISO_WEEK)))
        index = TH_NO_NODE;
    if (index < 0) {
        p = *at;
        index = th_read_shift(reader, &p);
        if (index < 0) return index;
        th_node_t *node = th_node(reader, index);
        bool weeks = node->kind == TH_NODE_SHIFT && node->amount.finest >= TH_UNIT_WEEK &&
                     node->amount.finest <= TH_UNIT_FORTNIGHT;
        bool week = node->kind == TH_NODE_PERIOD && node->unit == TH_UNIT_WEEK;
        if (!weeks && !week) return TH_NO_NODE;
    }
    *at = p;
    return index;
}

/* Behind a weekday: "of next week", "next week", "the week after next", "in two weeks". */
static int read_week_behind(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    th_skip_mark(reader, &p, ',');
    bool of =
        th_skip_key(reader, &p, TH_KEY_OF) || th_skip_key(reader, &p, TH_KEY_ON) ||
        (th_means(reader, p + 1, TH_SENSE_WHICH, NULL) && th_skip_key(reader, &p, TH_KEY_FROM));
    bool in = !of && th_key(reader, p, TH_KEY_IN) && th_key(reader, p + 1, TH_KEY_THE);
    if (in) p++;
    const th_token_t *token = th_at(reader, p);
    bool may =
        of || th_means(reader, p, TH_SENSE_WHICH, NULL) || th_key(reader, p, TH_KEY_THE) ||
        th_key(reader, p, TH_KEY_IN) ||
        (strcmp(token->text, "week") == 0 && th_at(reader, p + 1)->kind == TH_TOKEN_NUMBER) ||
        token->kind == TH_TOKEN_NUMBER || th_means(reader, p, TH_SENSE_COUNT, NULL);
    if (!may || reader->depth >= TH_DEPTH_MAX - 1) return TH_NO_NODE;
    int index = read_week(reader, &p);
    if (index >= 0) *at = p;
    return index;
}

static int make_weekday(th_reader_t *reader, int weekday, th_which_t which) {
    int index = th_node_new(reader, TH_NODE_WEEKDAY);
    if (index < 0) return index;
    th_node(reader, index)->weekday = weekday;
    th_node(reader, index)->which = which;
    return index;
}

/* "Friday week", "Friday fortnight", "Friday after next", "Monday before last". */
static int read_british(th_reader_t *reader, size_t *at, int index) {
    size_t p = *at;
    int which;
    const th_token_t *next = th_at(reader, p), *second = th_at(reader, p + 1);
    bool week = strcmp(next->text, "week") == 0, fortnight = strcmp(next->text, "fortnight") == 0;
    if ((week || fortnight) && second->kind != TH_TOKEN_NUMBER &&
        !th_key(reader, p + 1, TH_KEY_OF) && !th_mark(reader, p + 1, '-')) {
        int shift = th_node_new(reader, TH_NODE_SHIFT);
        if (shift < 0) return shift;
        th_node(reader, shift)->child = index;
        th_node(reader, shift)->amount =
            (th_amount_t){.days = week ? 7 : 14, .finest = TH_UNIT_WEEK};
        *at = p + 1;
        return shift;
    }
    bool after = th_key(reader, p, TH_KEY_AFTER), before = th_key(reader, p, TH_KEY_BEFORE);
    if ((after || before) && th_means(reader, p + 1, TH_SENSE_WHICH, &which) &&
        which == (after ? TH_WHICH_NEXT : TH_WHICH_LAST) &&
        !th_means(reader, p + 2, TH_SENSE_UNIT, NULL) &&
        !th_means(reader, p + 2, TH_SENSE_WEEKDAY, NULL) &&
        !th_means(reader, p + 2, TH_SENSE_MONTH, NULL)) {
        th_node(reader, index)->which = after ? TH_WHICH_AFTER_NEXT : TH_WHICH_BEFORE_LAST;
        *at = p + 2;
    }
    return index;
}

/* "the Tuesday after Easter", "the Friday before 1 March". */
static int read_beside(th_reader_t *reader, size_t *at, int number, int weekday, th_unit_t unit) {
    size_t p = *at;
    bool after = th_key(reader, p, TH_KEY_AFTER), before = th_key(reader, p, TH_KEY_BEFORE);
    bool from = th_text(reader, p, "following");
    if (!after && !before && !from) return TH_NO_NODE;
    p++;
    int child = th_read_moment(reader, &p, false);
    if (child < 0) return child;
    int index = th_node_new(reader, TH_NODE_NTH_AFTER);
    if (index < 0) return index;
    th_node_t *node = th_node(reader, index);
    node->number = before ? -number : number;
    node->weekday = weekday;
    node->unit = unit;
    node->counted = weekday == 0;
    node->child = child;
    *at = p;
    return index;
}

/* "two Fridays from now", "3 Mondays ago". */
static int read_weekdays(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int64_t count;
    int weekday;
    if (th_skip_key(reader, &p, TH_KEY_IN) && reader->depth > 1) return TH_NO_NODE;
    if (!th_read_count(reader, &p, &count) || count % 1000 || count < 1000 || count > 60000)
        return TH_NO_NODE;
    int unit = TH_UNIT_DAY;
    bool weekend = th_means(reader, p, TH_SENSE_UNIT, &unit) && unit == TH_UNIT_WEEKEND;
    if (weekend)
        weekday = 6;
    else if (!th_means(reader, p, TH_SENSE_WEEKDAYS, &weekday) &&
             !th_means(reader, p, TH_SENSE_WEEKDAY, &weekday))
        return TH_NO_NODE;
    p++;
    int sign = 0;
    if (th_key(reader, p, TH_KEY_AGO)) {
        sign = -1;
        p++;
    } else if (th_key(reader, p, TH_KEY_FROM) &&
               (th_key(reader, p + 1, TH_KEY_NOW) || th_text(reader, p + 1, "today"))) {
        sign = 1;
        p += 2;
    } else if (th_key(reader, *at, TH_KEY_IN)) {
        sign = 1;
    }
    if (!sign) return TH_NO_NODE;
    int index = th_node_new(reader, TH_NODE_NTH_AFTER);
    if (index < 0) return index;
    th_node(reader, index)->number = sign * count / 1000;
    th_node(reader, index)->weekday = weekday;
    *at = p;
    return index;
}

static int make_within(th_reader_t *reader, int weekday, int child) {
    int index = th_node_new(reader, TH_NODE_WITHIN);
    if (index < 0) return index;
    th_node(reader, index)->weekday = weekday;
    th_node(reader, index)->child = child;
    return index;
}

int th_read_weekday(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int weekday, child;
    th_which_t which = TH_WHICH_NONE;
    int counted = read_weekdays(reader, at);
    if (counted >= 0) return counted;
    bool article = th_skip_key(reader, &p, TH_KEY_THE);
    th_read_which(reader, &p, &which);
    /* "next week Friday", "next week's Friday", "last week on Tuesday" */
    if (which != TH_WHICH_NONE && th_text(reader, p, "week")) {
        size_t q = p + 1;
        if (th_mark(reader, q, '\'') && th_text(reader, q + 1, "s")) q += 2;
        th_skip_mark(reader, &q, ',');
        th_skip_key(reader, &q, TH_KEY_ON);
        if (!th_means(reader, q, TH_SENSE_WEEKDAY, &weekday) ||
            th_means(reader, q + 1, TH_SENSE_MONTH, NULL) ||
            (th_at(reader, q + 1)->kind == TH_TOKEN_NUMBER && !th_mark(reader, q + 2, ':')))
            return TH_NO_NODE;
        size_t period = *at;
        child = th_read_period(reader, &period, true);
        if (child < 0) return child;
        *at = q + 1;
        return make_within(reader, weekday, child);
    }
    size_t name = p;
    if (!th_means(reader, p, TH_SENSE_WEEKDAY, &weekday)) return TH_NO_NODE;
    p++;
    if (th_glued_mark(reader, p, '.') && th_at(reader, name)->length <= 5 &&
        !th_at(reader, p + 1)->glued &&
        (th_at(reader, p + 1)->kind == TH_TOKEN_NUMBER ||
         th_means(reader, p + 1, TH_SENSE_MONTH, NULL)))
        p++;
    if (article || which == TH_WHICH_NONE) {
        int beside = read_beside(reader, &p, 1, weekday, TH_UNIT_DAY);
        if (beside >= 0) {
            *at = p;
            return beside;
        }
    }
    if (which == TH_WHICH_NONE) {
        child = read_week_behind(reader, &p);
        if (child >= 0) {
            *at = p;
            return make_within(reader, weekday, child);
        }
        if (article && !th_at(reader, name)->capital &&
            (th_at(reader, name)->word->flags & TH_WORD_NAME))
            return TH_NO_NODE;
        if (!th_name_counts(reader, name, p)) return TH_NO_NODE;
        if (!reader->whole && th_at(reader, name)->length <= 4 && !th_at(reader, name)->capital &&
            (th_at(reader, name)->word->flags & TH_WORD_NAME) && !reader->introduced &&
            reader->depth <= 1 && th_at(reader, p)->kind != TH_TOKEN_NUMBER &&
            !th_means(reader, p, TH_SENSE_PART, NULL))
            return TH_NO_NODE;
    }
    int index = make_weekday(reader, weekday, which);
    if (index < 0) return index;
    index = read_british(reader, &p, index);
    if (index >= 0) *at = p;
    return index;
}

/* What is counted within a period: weekdays, days, working days, weeks, months, quarters, weekends.
 */
static bool read_counted(th_reader_t *reader, size_t *at, int *weekday, th_unit_t *unit) {
    int value;
    *weekday = 0;
    if (th_means(reader, *at, TH_SENSE_WEEKDAY, weekday)) {
        ++*at;
        return true;
    }
    if (th_means(reader, *at, TH_SENSE_UNIT, &value) && value == TH_UNIT_WEEKEND) {
        *unit = TH_UNIT_WEEKEND;
        ++*at;
        return true;
    }
    return th_read_unit(reader, at, false, unit) && *unit >= TH_UNIT_DAY && *unit != TH_UNIT_YEAR &&
           *unit != TH_UNIT_DECADE && *unit != TH_UNIT_FORTNIGHT;
}

int th_read_nth(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int number, weekday;
    th_unit_t unit = TH_UNIT_DAY;
    th_skip_key(reader, &p, TH_KEY_THE);
    if (th_key(reader, p, TH_KEY_EVERY)) return TH_NO_NODE;
    if (!th_read_ordinal(reader, &p, &number)) return TH_NO_NODE;
    if (!read_counted(reader, &p, &weekday, &unit)) return TH_NO_NODE;
    if (number > 0) {
        int beside = read_beside(reader, &p, number, weekday, unit);
        if (beside >= 0) {
            *at = p;
            return beside;
        }
    }
    bool of = th_skip_key(reader, &p, TH_KEY_OF) || th_skip_key(reader, &p, TH_KEY_IN);
    if (!of && number == -1 && !th_means(reader, p, TH_SENSE_WHICH, NULL)) return TH_NO_NODE;
    int depth = reader->depth;
    if (depth >= TH_DEPTH_MAX) return TH_NO_NODE;
    reader->depth = depth + 2; /* "of March": the name is a month here */
    int child = th_read_period(reader, &p, true);
    if (child < 0) child = th_read_calendar(reader, &p);
    reader->depth = depth;
    if (child < 0 ||
        (th_node(reader, child)->kind == TH_NODE_CALENDAR && th_node(reader, child)->day))
        return TH_NO_NODE;
    int index = th_node_new(reader, TH_NODE_NTH);
    if (index < 0) return index;
    th_node_t *node = th_node(reader, index);
    node->number = number;
    node->weekday = weekday;
    node->counted = weekday == 0;
    node->unit = unit;
    node->child = child;
    *at = p;
    return index;
}
