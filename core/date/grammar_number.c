/* grammar_number.c - counts, ordinals, units and amounts of time, in digits and in words. */
#include <string.h>

#include "date/grammar.h"

#define COUNT_MAX 100000 /* of any unit; more is no date */

/* 3, 1.5, 1,5, 2 1/2 as one character, 1/2. */
static bool read_digits(th_reader_t *reader, size_t *at, int64_t *thousandths) {
    size_t p = *at;
    const th_token_t *token = th_at(reader, p);
    if (token->kind == TH_TOKEN_FRACTION) {
        *thousandths = token->number;
        *at = p + 1;
        return true;
    }
    int whole, part;
    if (!th_digits(reader, p, 1, 6, COUNT_MAX, &whole)) return false;
    if (th_mark(reader, p + 1, '-') && th_digits(reader, p + 2, 1, 3, 999, &part) && part > whole) {
        whole = part; /* "2-3 days": the later end */
        reader->partial->vague = true;
        p += 2;
    }
    *thousandths = (int64_t)whole * 1000;
    p++;
    const th_token_t *next = th_at(reader, p + 1);
    bool point = th_glued_mark(reader, p, '.') || th_glued_mark(reader, p, ',');
    if (point && next->glued && th_digits(reader, p + 1, 1, 3, 999, &part)) {
        *thousandths += (int64_t)part * (next->digits == 1 ? 100 : next->digits == 2 ? 10 : 1);
        p += 2;
    } else if (th_glued_mark(reader, p, '/') && next->glued &&
               th_digits(reader, p + 1, 1, 1, 8, &part) && part > whole) {
        *thousandths = (int64_t)whole * 1000 / part;
        p += 2;
    } else if (th_at(reader, p)->kind == TH_TOKEN_FRACTION) {
        *thousandths += th_at(reader, p)->number;
        p++;
    }
    *at = p;
    return true;
}

/* "twenty-five", "a hundred and ten", "seven". */
static bool read_number_words(th_reader_t *reader, size_t *at, int64_t *number) {
    size_t p = *at;
    int value, more;
    if (!th_means(reader, p, TH_SENSE_COUNT, &value)) return false;
    p++;
    if (value >= 20 && value < 100) {
        size_t q = th_mark(reader, p, '-') ? p + 1 : p;
        if (th_means(reader, q, TH_SENSE_COUNT, &more) && more >= 1 && more <= 9) {
            value += more;
            p = q + 1;
        }
    } else if (value < 10 && th_means(reader, p, TH_SENSE_COUNT, &more) && more == 100) {
        value *= 100;
        p++;
    }
    *number = value;
    if (value >= 100) {
        size_t q = p;
        int64_t rest;
        th_skip_key(reader, &q, TH_KEY_AND);
        if (read_number_words(reader, &q, &rest) && rest < 100) {
            *number += rest;
            p = q;
        }
    }
    *at = p;
    return true;
}

/* Words of amount that are no numbers: "a couple of", "a few", "half a". */
static bool read_loose(th_reader_t *reader, size_t *at, int64_t *thousandths) {
    size_t p = *at;
    bool article = th_skip_key(reader, &p, TH_KEY_A);
    if (th_key(reader, p, TH_KEY_COUPLE)) {
        p++;
        th_skip_key(reader, &p, TH_KEY_OF);
        *thousandths = 2000;
    } else if (th_key(reader, p, TH_KEY_FEW)) {
        p++;
        *thousandths = 3000;
    } else if (!article && th_key(reader, p, TH_KEY_SEVERAL)) {
        p++;
        *thousandths = 7000;
    } else if (th_key(reader, p, TH_KEY_DOZEN)) {
        p++;
        *thousandths = 12000;
    } else if (th_key(reader, p, TH_KEY_HALF)) {
        p++;
        th_skip_key(reader, &p, TH_KEY_OF);
        th_skip_key(reader, &p, TH_KEY_A);
        *thousandths = 500;
    } else if (article) {
        *thousandths = 1000;
    } else {
        return false;
    }
    *at = p;
    return true;
}

bool th_read_count(th_reader_t *reader, size_t *at, int64_t *thousandths) {
    size_t p = *at;
    int64_t number;
    if (!read_digits(reader, &p, thousandths) && !read_loose(reader, &p, thousandths)) {
        if (!read_number_words(reader, &p, &number)) return false;
        *thousandths = number * 1000;
    } else if (*thousandths == 1000 && p == *at + 1 && th_key(reader, *at, TH_KEY_A)) {
        size_t q = p;
        int64_t hundred;
        if (read_number_words(reader, &q, &hundred) && hundred >= 100) { /* "a hundred" */
            *thousandths = hundred * 1000;
            p = q;
        }
    }
    size_t q = p; /* "two and a half hours", "one and a quarter" */
    if (th_skip_key(reader, &q, TH_KEY_AND) && th_skip_key(reader, &q, TH_KEY_A)) {
        bool half = th_key(reader, q, TH_KEY_HALF), quarter = th_text(reader, q, "quarter");
        th_unit_t unit;
        size_t behind = q + 1;
        if ((half || quarter) && th_read_unit(reader, &behind, false, &unit)) {
            *thousandths += half ? 500 : 250;
            p = q + 1;
        }
    }
    *at = p;
    return *thousandths >= 0;
}

bool th_read_ordinal(th_reader_t *reader, size_t *at, int *number) {
    size_t p = *at;
    int tens, more;
    if (th_digits(reader, p, 1, 3, 366, number)) {
        if (!th_at(reader, p + 1)->glued || !th_means(reader, p + 1, TH_SENSE_SUFFIX, NULL))
            return false;
        p += 2;
    } else if (th_means(reader, p, TH_SENSE_COUNT, &tens) && tens >= 20 && tens < 100) {
        size_t q = th_mark(reader, p + 1, '-') ? p + 2 : p + 1;
        if (!th_means(reader, q, TH_SENSE_ORDINAL, &more) || more < 1 || more > 9) return false;
        *number = tens + more;
        p = q + 1;
    } else if (th_means(reader, p, TH_SENSE_ORDINAL, number)) {
        p++;
    } else {
        return false;
    }
    if (*number >= 1 && *number <= 9) { /* "second to last", "second-last" */
        size_t q = p;
        int last;
        th_skip_mark(reader, &q, '-');
        if (th_skip_key(reader, &q, TH_KEY_TO)) th_skip_mark(reader, &q, '-');
        if (th_means(reader, q, TH_SENSE_ORDINAL, &last) && last == -1) {
            *number = -*number;
            p = q + 1;
        }
    }
    *at = p;
    return *number != 0;
}

bool th_read_unit(th_reader_t *reader, size_t *at, bool after_digits, th_unit_t *unit) {
    size_t p = *at;
    int value;
    bool business = th_key(reader, p, TH_KEY_BUSINESS);
    if (business) {
        p++;
        th_skip_mark(reader, &p, '-');
    } else if (th_mark(reader, p, '-') && th_at(reader, p + 1)->glued) {
        p++; /* "3-day" */
    }
    const th_token_t *token = th_at(reader, p);
    if (!th_means(reader, p, TH_SENSE_UNIT, &value) || value == TH_UNIT_WEEKEND) return false;
    if (token->length == 1 && !(after_digits && token->glued)) return false;
    if (business && value != TH_UNIT_DAY) return false;
    /* "2020s" is a decade */
    if (p > 0 && th_text(reader, p, "s") && th_at(reader, p - 1)->digits == 4) return false;
    *unit = business ? TH_UNIT_WORKDAY : (th_unit_t)value;
    *at = p + 1;
    return true;
}

/* Whole parts of calendar units stay calendar units; what is left of a day is elapsed time. */
bool th_amount_add(th_amount_t *amount, th_unit_t unit, int64_t thousandths) {
    if (thousandths > (int64_t)COUNT_MAX * 1000) return false;
    int64_t whole = thousandths / 1000, rest = thousandths % 1000;
    switch (unit) {
    case TH_UNIT_SECOND: amount->seconds += whole; break;
    case TH_UNIT_MINUTE: amount->seconds += thousandths * 60 / 1000; break;
    case TH_UNIT_HOUR: amount->seconds += thousandths * 3600 / 1000; break;
    case TH_UNIT_DAY:
        amount->days += whole;
        amount->seconds += rest * 86400 / 1000;
        if (rest) unit = TH_UNIT_HOUR;
        break;
    case TH_UNIT_WORKDAY: amount->workdays += whole; break;
    case TH_UNIT_WEEK: amount->days += thousandths * 7 / 1000; break;
    case TH_UNIT_FORTNIGHT: amount->days += thousandths * 14 / 1000; break;
    case TH_UNIT_MONTH:
        amount->months += whole;
        amount->days += rest * 30 / 1000;
        break;
    case TH_UNIT_QUARTER: amount->months += thousandths * 3 / 1000; break;
    case TH_UNIT_YEAR: amount->months += thousandths * 12 / 1000; break;
    case TH_UNIT_DECADE: amount->months += thousandths * 120 / 1000; break;
    case TH_UNIT_WEEKEND: return false;
    }
    if (unit < amount->finest) amount->finest = unit;
    return true;
}

/* "three quarters of an hour": behind the word "quarter". */
static bool is_of_an_hour(th_reader_t *reader, size_t *at) {
    size_t p = *at;
    int unit;
    if (th_skip_key(reader, &p, TH_KEY_OF) && !th_skip_key(reader, &p, TH_KEY_A)) return false;
    if (!th_means(reader, p, TH_SENSE_UNIT, &unit) || unit != TH_UNIT_HOUR) return false;
    *at = p + 1;
    return true;
}

/* "six to eight weeks", "two or three days": the later one. */
static void read_later_count(th_reader_t *reader, size_t *at, int64_t *count) {
    size_t p = *at, behind;
    int64_t later;
    th_unit_t unit;
    if (!th_skip_key(reader, &p, TH_KEY_TO) && !th_skip_key(reader, &p, TH_KEY_OR)) return;
    if (!th_read_count(reader, &p, &later) || later <= *count) return;
    behind = p;
    if (!th_read_unit(reader, &behind, false, &unit)) return;
    *count = later;
    reader->partial->vague = true;
    *at = p;
}

/* "a day or two" */
static void read_or_more(th_reader_t *reader, size_t *at, int64_t *count) {
    size_t p = *at, behind;
    int64_t later;
    th_unit_t unit;
    if (!th_skip_key(reader, &p, TH_KEY_OR) || !th_read_count(reader, &p, &later) ||
        later <= *count)
        return;
    behind = p;
    if (later > 10000 || th_read_unit(reader, &behind, false, &unit)) return;
    *count = later;
    reader->partial->vague = true;
    *at = p;
}

bool th_read_amount(th_reader_t *reader, size_t *at, th_amount_t *amount) {
    size_t end = *at;
    memset(amount, 0, sizeof(*amount));
    amount->finest = TH_UNIT_WEEKEND;
    for (int parts = 0; parts < 6; parts++) {
        size_t p = end;
        int64_t count;
        th_unit_t unit;
        if (parts > 0) {
            th_skip_mark(reader, &p, ',');
            th_skip_key(reader, &p, TH_KEY_AND);
        }
        bool digits = th_at(reader, p)->kind == TH_TOKEN_NUMBER;
        if (!th_read_count(reader, &p, &count)) break;
        read_later_count(reader, &p, &count);
        /* "an hour and a half" */
        if (parts > 0 && (count == 500 || count == 250) && amount->finest != TH_UNIT_WEEKEND) {
            size_t q = p;
            if (!th_read_unit(reader, &q, false, &unit)) {
                if (!th_amount_add(amount, amount->finest, count)) return false;
                end = p;
                continue;
            }
        }
        if (!th_read_unit(reader, &p, digits, &unit)) {
            /* "1h30" */
            if (parts == 1 && digits && th_at(reader, p - 1)->glued &&
                amount->finest == TH_UNIT_HOUR) {
                if (!th_amount_add(amount, TH_UNIT_MINUTE, count)) return false;
                end = p;
            }
            break;
        }
        if (unit == TH_UNIT_QUARTER && is_of_an_hour(reader, &p)) {
            unit = TH_UNIT_HOUR;
            count /= 4;
        }
        read_or_more(reader, &p, &count);
        if (!th_amount_add(amount, unit, count)) return false;
        end = p;
    }
    if (end == *at) return false;
    *at = end;
    return true;
}

bool th_read_iso_duration(th_reader_t *reader, size_t *at, th_amount_t *amount) {
    size_t p = *at;
    const th_token_t *token = th_at(reader, p);
    bool clock = false, any = false;
    int value;
    memset(amount, 0, sizeof(*amount));
    amount->finest = TH_UNIT_WEEKEND;
    if (token->kind != TH_TOKEN_WORD ||
        (strcmp(token->text, "p") != 0 && strcmp(token->text, "pt") != 0))
        return false;
    clock = token->text[1] == 't';
    p++;
    while (th_at(reader, p)->glued && th_digits(reader, p, 1, 5, COUNT_MAX, &value)) {
        static const char letters[] = "ymwdhms";
        static const th_unit_t units[] = {TH_UNIT_YEAR, TH_UNIT_MONTH,  TH_UNIT_WEEK,  TH_UNIT_DAY,
                                          TH_UNIT_HOUR, TH_UNIT_MINUTE, TH_UNIT_SECOND};
        const th_token_t *unit = th_at(reader, p + 1);
        if (unit->kind != TH_TOKEN_WORD || !unit->glued || unit->length < 1 || unit->length > 2)
            return false;
        const char *found = strchr(letters + (clock ? 4 : 0), unit->text[0]);
        if (!found) return false;
        if (!th_amount_add(amount, units[found - letters], (int64_t)value * 1000)) return false;
        if (unit->length == 2) {
            if (unit->text[1] != 't' || clock) return false;
            clock = true;
        }
        any = true;
        p += 2;
    }
    if (!any) return false;
    *at = p;
    return true;
}
