/* grammar_relative.c - dates by distance: "in 3 days", "2 weeks and 3 days from Monday", "an hour
 * ago", "the day after tomorrow", and the words today, tomorrow, yesterday, now. */
#include <string.h>

#include "date/grammar.h"

static int make_shift(th_reader_t *reader, const th_amount_t *amount, int sign, int child) {
    int index = th_node_new(reader, TH_NODE_SHIFT);
    if (index < 0) return index;
    th_node_t *node = th_node(reader, index);
    node->amount = *amount;
    node->amount.months *= sign;
    node->amount.days *= sign;
    node->amount.workdays *= sign;
    node->amount.seconds *= sign;
    node->child = child;
    return index;
}

/* The date that an amount is counted from. "now" and nothing are TH_NO_NODE with true. */
static bool read_anchor(th_reader_t *reader, size_t *at, int *child) {
    size_t p = *at;
    *child = TH_NO_NODE;
    if (th_key(reader, p, TH_KEY_NOW)) {
        *at = p + 1;
        return true;
    }
    bool clock = reader->clock;
    th_skip_key(reader, &p, TH_KEY_ON);
    *child = th_read_moment(reader, &p, true);
    reader->clock = clock;
    if (*child < 0) return false;
    *at = p;
    return true;
}

/* "'s time", "' time", "time": behind "in 3 days". */
static void skip_time_word(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    if (th_mark(reader, p, '\'')) {
        p++;
        if (th_text(reader, p, "s")) p++;
    }
    if (th_text(reader, p, "time")) *at = p + 1;
}

/* "before", "prior to", "ahead of": how many words. */
static int before_words(th_reader_t *reader, size_t at) {
    if (th_key(reader, at, TH_KEY_BEFORE) || th_text(reader, at, "preceding")) return 1;
    if (th_key(reader, at, TH_KEY_PRIOR) && th_key(reader, at + 1, TH_KEY_TO)) return 2;
    return th_text(reader, at, "ahead") && th_key(reader, at + 1, TH_KEY_OF) ? 2 : 0;
}

/* What follows an amount gives it a direction. */
static int read_tail(th_reader_t *reader, size_t *at, const th_amount_t *amount) {
    size_t p = *at;
    int child, sign;
    if (th_key(reader, p, TH_KEY_AGO)) {
        p++;
        child = TH_NO_NODE; /* "a year ago yesterday" */
        if (th_means(reader, p, TH_SENSE_DAY, NULL)) child = th_read_relative_day(reader, &p);
        *at = p;
        return make_shift(reader, amount, -1, child);
    }
    if (th_key(reader, p, TH_KEY_LATER) || th_key(reader, p, TH_KEY_HENCE)) {
        *at = p + 1;
        return make_shift(reader, amount, 1, TH_NO_NODE);
    }
    bool slip = (th_text(reader, p, "form") || th_text(reader, p, "frm")) &&
                (th_key(reader, p + 1, TH_KEY_NOW) || th_means(reader, p + 1, TH_SENSE_DAY, NULL));
    int before = before_words(reader, p);
    if (before) {
        sign = -1;
        p += (size_t)before;
    } else if (th_key(reader, p, TH_KEY_FROM) || th_key(reader, p, TH_KEY_AFTER) || slip) {
        sign = 1;
        p++;
    } else if ((amount->finest == TH_UNIT_WEEK || amount->finest == TH_UNIT_FORTNIGHT) &&
               (th_key(reader, p, TH_KEY_ON) || th_means(reader, p, TH_SENSE_DAY, NULL))) {
        sign = 1; /* "a week on Friday", "a week tomorrow" */
        if (th_key(reader, p, TH_KEY_ON)) p++;
        if (!th_means(reader, p, TH_SENSE_DAY, NULL) &&
            !th_means(reader, p, TH_SENSE_WEEKDAY, NULL))
            return TH_NO_NODE;
    } else {
        return TH_NO_NODE;
    }
    if (!read_anchor(reader, &p, &child)) return TH_NO_NODE;
    *at = p;
    return make_shift(reader, amount, sign, child);
}

/* Words such as "about" may stand in front of an amount. */
static void skip_about(th_reader_t *reader, size_t *at) {
    if (th_key(reader, *at, TH_KEY_ABOUT) || th_key(reader, *at, TH_KEY_AROUND) ||
        th_mark(reader, *at, '~')) {
        ++*at;
        reader->partial->vague = true;
    }
}

/* "the next 3 days", "next 2 weeks", "the past month"; behind "within" and "in the" also "next
 * week". */
static bool read_next_amount(th_reader_t *reader, size_t *at, bool one_too, th_amount_t *amount,
                             int *sign) {
    size_t p = *at;
    th_which_t which;
    th_unit_t unit;
    th_skip_key(reader, &p, TH_KEY_THE);
    if (!th_read_which(reader, &p, &which)) return false;
    if (which != TH_WHICH_NEXT && which != TH_WHICH_LAST && which != TH_WHICH_COMING) return false;
    *sign = which == TH_WHICH_LAST ? -1 : 1;
    skip_about(reader, &p);
    if (th_key(reader, p, TH_KEY_A)) return false;
    if (th_read_amount(reader, &p, amount)) {
        *at = p;
        return true;
    }
    if (!one_too || !th_read_unit(reader, &p, false, &unit)) return false;
    memset(amount, 0, sizeof(*amount));
    amount->finest = TH_UNIT_WEEKEND;
    *at = p;
    return th_amount_add(amount, unit, 1000);
}

/* "in 3 days", "within a week", "in the next 2 hours", "after 3 days". */
static int read_prefixed(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    th_amount_t amount;
    int sign = 1, child = TH_NO_NODE;
    bool within = th_key(reader, p, TH_KEY_WITHIN) || th_text(reader, p, "inside");
    bool over = th_key(reader, p, TH_KEY_OVER) || th_key(reader, p, TH_KEY_DURING) ||
                th_key(reader, p, TH_KEY_FOR);
    bool in = th_key(reader, p, TH_KEY_IN), after = th_key(reader, p, TH_KEY_AFTER);
    if (!within && !in && !over && !after) return TH_NO_NODE;
    p++;
    bool limit = false;
    static const char *const softeners[][2] = {
        {"at", "most"}, {"no", "more"}, {"less", "than"}, {"under", ""}};
    for (size_t i = 0; i < 4; i++)
        if (th_text(reader, p, softeners[i][0]) && th_text(reader, p + 1, softeners[i][1])) {
            p += 2;
            th_skip_key(reader, &p, TH_KEY_THAN);
            limit = true;
        }
    skip_about(reader, &p);
    if (!over && th_read_amount(reader, &p, &amount)) {
        size_t q = p;
        bool from = th_key(reader, q, TH_KEY_FROM) || th_key(reader, q, TH_KEY_OF) ||
                    th_key(reader, q, TH_KEY_AFTER);
        if (th_key(reader, q, TH_KEY_AGO)) return TH_NO_NODE;
        q++;
        if (from && !after && read_anchor(reader, &q, &child))
            p = q;
        else if (from && (within || th_key(reader, p, TH_KEY_FROM)))
            return TH_NO_NODE; /* "of receipt" */
        else
            skip_time_word(reader, &p);
    } else if (after ||
               !read_next_amount(reader, &p, within || (in && th_key(reader, p, TH_KEY_THE)),
                                 &amount, &sign)) {
        return TH_NO_NODE;
    } else {
        limit = sign > 0;
    }
    if (after && reader->depth > 1) return TH_NO_NODE;
    int index = make_shift(reader, &amount, sign, child);
    if (index < 0) return index;
    if (within || limit) reader->partial->deadline = true;
    *at = p;
    return index;
}

/* "the day after tomorrow", "the week of 7 December", "week after Christmas". */
static int read_unit_beside(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    th_unit_t unit;
    int child, offset;
    th_skip_key(reader, &p, TH_KEY_THE);
    if (!th_read_unit(reader, &p, false, &unit)) return TH_NO_NODE;
    if (unit < TH_UNIT_DAY || unit > TH_UNIT_YEAR) return TH_NO_NODE;
    bool of = unit == TH_UNIT_WEEK &&
              (th_key(reader, p, TH_KEY_OF) || th_key(reader, p, TH_KEY_COMMENCING) ||
               th_key(reader, p, TH_KEY_FROM) || th_key(reader, p, TH_KEY_STARTING));
    if (unit >= TH_UNIT_QUARTER && th_key(reader, p, TH_KEY_FROM))
        of = true; /* "quarter from 1 February 2027" */
    if (of)
        offset = 0;
    else if (th_key(reader, p, TH_KEY_AFTER) || th_text(reader, p, "following"))
        offset = 1;
    else if (th_key(reader, p, TH_KEY_BEFORE))
        offset = -1;
    else
        return TH_NO_NODE;
    p++;
    int which;
    if (th_means(reader, p, TH_SENSE_WHICH, &which) && unit != TH_UNIT_DAY &&
        unit != TH_UNIT_WORKDAY && !th_means(reader, p + 1, TH_SENSE_UNIT, NULL) &&
        !th_means(reader, p + 1, TH_SENSE_WEEKDAY, NULL) && !of)
        return TH_NO_NODE; /* "the week after next" */
    if (!read_anchor(reader, &p, &child)) return TH_NO_NODE;
    int index;
    if (unit == TH_UNIT_DAY || unit == TH_UNIT_WORKDAY) {
        th_amount_t amount = {.finest = unit};
        if (unit == TH_UNIT_DAY)
            amount.days = 1;
        else
            amount.workdays = 1;
        index = make_shift(reader, &amount, offset, child);
    } else {
        index = th_node_new(reader, TH_NODE_PERIOD);
        if (index < 0) return index;
        th_node(reader, index)->unit = unit;
        th_node(reader, index)->number = offset;
        th_node(reader, index)->child = child;
        /* a range of months that begins where it is told to */
        if (of && unit >= TH_UNIT_QUARTER) th_node(reader, index)->counted = true;
    }
    *at = p;
    return index;
}

/* +3 days, -2h: alone, as a command has it. */
static int read_signed(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    th_amount_t amount;
    bool plus = th_mark(reader, p, '+'), minus = th_mark(reader, p, '-');
    if (!plus && !minus) return TH_NO_NODE;
    p++;
    bool glued = th_at(reader, p)->glued;
    if (!reader->whole && (minus || !glued)) return TH_NO_NODE;
    if (th_at(reader, p)->kind != TH_TOKEN_NUMBER || !th_read_amount(reader, &p, &amount))
        return TH_NO_NODE;
    *at = p;
    return make_shift(reader, &amount, plus ? 1 : -1, TH_NO_NODE);
}

int th_read_shift(th_reader_t *reader, size_t *at) {
    int index = read_signed(reader, at);
    if (index < 0) index = read_prefixed(reader, at);
    if (index < 0) index = read_unit_beside(reader, at);
    if (index >= 0) return index;
    size_t p = *at;
    th_amount_t amount;
    int sign;
    if (th_means(reader, p, TH_SENSE_WHICH, NULL) || th_key(reader, p, TH_KEY_THE)) {
        if (!read_next_amount(reader, &p, false, &amount, &sign)) return TH_NO_NODE;
        *at = p;
        index = make_shift(reader, &amount, sign, TH_NO_NODE);
        if (sign > 0) reader->partial->deadline = true;
        return index;
    }
    skip_about(reader, &p);
    if (!th_read_amount(reader, &p, &amount)) return TH_NO_NODE;
    index = read_tail(reader, &p, &amount);
    if (index >= 0) *at = p;
    return index;
}

/* "now" at the end of a sentence or alone; inside one it is mostly an adverb. */
static bool now_counts(th_reader_t *reader, size_t index) {
    if (reader->whole || reader->introduced || reader->depth > 1) return true;
    const th_token_t *next = th_at(reader, index + 1);
    if (index > 0 && th_key(reader, index - 1, TH_KEY_RIGHT)) return true;
    return index > 0 &&
           (next->kind == TH_TOKEN_END || (next->kind == TH_TOKEN_MARK && next->mark != '\''));
}

int th_read_relative_day(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int offset, index;
    if (th_key(reader, p, TH_KEY_NOW) && now_counts(reader, p)) {
        index = th_node_new(reader, TH_NODE_NOW);
        if (index >= 0) *at = p + 1;
        return index;
    }
    if (th_digits(reader, p, 1, 1, 2, &offset) && offset == 2 && th_at(reader, p + 1)->glued &&
        (th_text(reader, p + 1, "moro") || th_text(reader, p + 1, "morrow") ||
         th_text(reader, p + 1, "morow"))) {
        offset = 1; /* 2moro */
        p++;
    } else if (!th_means(reader, p, TH_SENSE_DAY, &offset)) {
        return TH_NO_NODE;
    }
    index = th_node_new(reader, TH_NODE_DAY);
    if (index < 0) return index;
    th_node(reader, index)->number = offset;
    p++;
    /* "tomorrow week", British for eight days from today */
    if (offset >= 0 && th_text(reader, p, "week") &&
        !th_means(reader, p + 1, TH_SENSE_COUNT, NULL) &&
        th_at(reader, p + 1)->kind != TH_TOKEN_NUMBER && !th_mark(reader, p + 1, '\'') &&
        !th_key(reader, p + 1, TH_KEY_OF)) {
        th_node(reader, index)->number += 7;
        p++;
    }
    *at = p;
    return index;
}
