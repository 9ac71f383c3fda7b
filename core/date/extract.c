/* extract.c - finds dates in sentences, and the sentence without one. */
#include <string.h>

#include "date/grammar.h"
#include "date/resolve.h"

/* A date does not begin in the middle of something: "a5pm", "$5/10", "x-12/4". */
static bool may_begin(th_reader_t *reader, size_t index) {
    const th_token_t *token = th_at(reader, index);
    if (index == 0) return true;
    const th_token_t *before = th_at(reader, index - 1);
    bool iso = token->digits == 4 && th_glued_mark(reader, index + 1, '-');
    if (token->kind == TH_TOKEN_NUMBER && !iso && th_means(reader, index - 1, TH_SENSE_TAKER, NULL))
        return false;
    if (!token->glued) return true;
    if (before->kind == TH_TOKEN_MARK) {
        if (before->mark == '.') return token->capital;
        if (before->mark == ':' || before->mark == ',')
            return !before->glued || token->kind != TH_TOKEN_NUMBER ||
                   th_at(reader, index - 2)->kind != TH_TOKEN_NUMBER;
        if (before->mark == '-') return index == 1 || !before->glued;
        if (before->mark == '@') return token->kind == TH_TOKEN_NUMBER || !before->glued;
        if (before->mark == '\'') return !before->glued;
        return strchr("$#/\\_+&%=^", before->mark) == NULL;
    }
    return false;
}

/* Nor does it end there: "5pmish", "12/4.5", "2026-12-04.pdf", "10%". */
static bool may_end(th_reader_t *reader, size_t next) {
    const th_token_t *token = th_at(reader, next), *behind = th_at(reader, next + 1);
    const th_token_t *last = th_at(reader, next - 1);
    if (!token->glued || token->kind == TH_TOKEN_END) return true;
    if (token->kind != TH_TOKEN_MARK) return false;
    if (strchr("%$#\\_@=^", token->mark)) return false;
    bool joined =
        behind->glued && (behind->kind == TH_TOKEN_WORD || behind->kind == TH_TOKEN_NUMBER);
    if (joined && strchr("./:+", token->mark))
        return behind->kind == TH_TOKEN_WORD && behind->capital && token->mark == '.';
    if (joined && token->mark == '-')
        return last->kind == TH_TOKEN_WORD && behind->kind == TH_TOKEN_WORD && !last->typo;
    return true;
}

/* "every Friday", "the third Friday of each month" are no one date. */
static bool repeats(th_reader_t *reader, size_t first, size_t next) {
    if ((th_key(reader, next, TH_KEY_OF) || th_key(reader, next, TH_KEY_IN)) &&
        th_key(reader, next + 1, TH_KEY_EVERY))
        return true;
    return first > 0 && (th_key(reader, first - 1, TH_KEY_EVERY) ||
                         (first > 1 && th_key(reader, first - 2, TH_KEY_EVERY) &&
                          th_text(reader, first - 1, "other")));
}

/* "May I", "sat on", "the second": words that the grammar took for dates though nothing supports it
 * are refused in the readers; here what is left: numbers in a list or a table. */
static bool acceptable(th_reader_t *reader, const th_partial_t *partial) {
    return !partial->weak && may_begin(reader, partial->first) && may_end(reader, partial->next) &&
           !repeats(reader, partial->first, partial->next);
}

/* Most words of a sentence can be passed over at once. */
static bool begins(const th_token_t *token) {
    static const unsigned never =
        1u << TH_SENSE_TAKER | 1u << TH_SENSE_SUFFIX | 1u << TH_SENSE_MERIDIEM;
    if (token->kind == TH_TOKEN_MARK) return strchr("@~+-(", token->mark) != NULL;
    if (token->kind != TH_TOKEN_WORD) return token->kind != TH_TOKEN_OTHER;
    unsigned senses = token->senses & ~never;
    if (senses & ~(1u << TH_SENSE_KEY)) return true;
    if (!senses) return false;
    switch ((th_key_t)token->keys[0]) {
    case TH_KEY_ALL:
    case TH_KEY_AND:
    case TH_KEY_ANY:
    case TH_KEY_OF:
    case TH_KEY_OR:
    case TH_KEY_TO:
    case TH_KEY_THAN:
    case TH_KEY_TIME:
    case TH_KEY_EVERY:
    case TH_KEY_S:
    case TH_KEY_M:
    case TH_KEY_P:
    case TH_KEY_Z:
    case TH_KEY_C:
    case TH_KEY_THING:
    case TH_KEY_OCLOCK:
    case TH_KEY_AGO:
    case TH_KEY_HENCE:
    case TH_KEY_SHARP: return false;
    default: return true;
    }
}

/* Words of grammar in front of a word that means nothing: "the contract". */
static bool leads_nowhere(th_reader_t *reader, size_t index) {
    const th_token_t *token = th_at(reader, index), *next = th_at(reader, index + 1);
    if (token->senses != 1u << TH_SENSE_KEY) return false;
    if (token->keys[0] == TH_KEY_NOW || token->keys[0] == TH_KEY_TONIGHT ||
        token->keys[0] == TH_KEY_PLAIN)
        return false;
    return next->kind == TH_TOKEN_OTHER || next->kind == TH_TOKEN_END ||
           (next->kind == TH_TOKEN_WORD && !next->word);
}

size_t th_date_extract(th_slice_t text, const th_date_context_t *context, th_zones_t *zones,
                       th_date_t *dates, size_t maximum) {
    th_tokens_t tokens;
    th_partial_t partial;
    size_t count = 0, index = 0;
    if (text.length > TH_DATE_TEXT_MAX) return 0;
    th_tokens_open(&tokens, text);
    while (count < maximum) {
        th_reader_t reader = {.tokens = &tokens, .zones = zones, .day_first = context->day_first};
        tokens.base = index;
        const th_token_t *token = th_at(&reader, index);
        if (token->kind == TH_TOKEN_END) break;
        if (!begins(token) || leads_nowhere(&reader, index)) {
            index++;
            continue;
        }
        if (may_begin(&reader, index) && th_read_partial(&reader, index, &partial) &&
            acceptable(&reader, &partial)) {
            if (!th_resolve(&partial, context, &dates[count],
                            NULL)) { /* "30 February" is not February */
                index = partial.next;
                continue;
            }
            dates[count].start = th_at(&reader, partial.first)->start;
            dates[count].length = th_at(&reader, partial.next - 1)->end - dates[count].start;
            count++;
            index = partial.next;
        } else {
            index++;
        }
    }
    return count;
}

static bool is_blank(char c) {
    return (unsigned char)c <= ' ';
}

static size_t trim_end(th_slice_t text, size_t end) {
    while (end > 0 && is_blank(text.data[end - 1]))
        end--;
    return end;
}

/* Where the word that ends at <end> begins. */
static size_t word_begin(th_slice_t text, size_t end) {
    while (end > 0 && !is_blank(text.data[end - 1]) && !strchr("([,;:", text.data[end - 1]))
        end--;
    return end;
}

/* "due:" and its like; other words with a colon are headings. */
static bool is_due(th_slice_t text, size_t end) {
    static const char *const words[] = {"due", "deadline", "date", "by", "when"};
    size_t begin = word_begin(text, end);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (th_slice_equal_nocase(th_slice(text.data + begin, end - begin), th_slice_of(words[i])))
            return true;
    return false;
}

/* Words that only introduce a date, and phrases of them (the last word first). */
static size_t drop_introduction(th_slice_t text, size_t end) {
    static const char *const words[] = {
        "by",      "on",    "at",        "due",     "before",    "until",
        "till",    "til",   "from",      "between", "for",       "in",
        "to",      "the",   "starting",  "since",   "around",    "about",
        "during",  "over",  "@",         "~",       "effective", "approximately",
        "through", "after", "beginning", "latest",  "right"};
    static const char *const phrases[][3] = {{"than", "later", "no"}, {"than", "later", "not"},
                                             {"to", "prior", NULL},   {"of", "as", NULL},
                                             {"before", "or", "on"},  {"after", "or", "on"},
                                             {"before", "not", NULL}, {"date", "due", NULL}};
    for (int steps = 0; steps < 6; steps++) {
        size_t trimmed = trim_end(text, end), at = trimmed;
        size_t colon =
            trimmed > 0 && text.data[trimmed - 1] == ':' ? trim_end(text, trimmed - 1) : 0;
        if (colon && is_due(text, colon)) trimmed = at = colon;
        bool found = false;
        for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]) && !found; i++) {
            size_t p = trimmed;
            int word = 0;
            for (; word < 3 && phrases[i][word]; word++) {
                size_t stop = trim_end(text, p), begin = word_begin(text, stop);
                if (!th_slice_equal_nocase(th_slice(text.data + begin, stop - begin),
                                           th_slice_of(phrases[i][word])))
                    break;
                p = begin;
            }
            found = word == 3 || !phrases[i][word];
            if (found) at = p;
        }
        size_t begin = word_begin(text, trimmed);
        if (steps == 0 && th_slice_equal_nocase(th_slice(text.data + begin, trimmed - begin),
                                                TH_SLICE("deadline"))) {
            end = begin;
            continue;
        }
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && !found; i++) {
            found = th_slice_equal_nocase(th_slice(text.data + begin, trimmed - begin),
                                          th_slice_of(words[i]));
            if (found) at = begin;
        }
        if (!found) return trimmed;
        end = at;
    }
    return trim_end(text, end);
}

/* "'s", "at the latest", a bracket that was opened in front. */
static size_t drop_behind(th_slice_t text, size_t at, bool bracket) {
    static const char *const tails[] = {"'s",          "\xe2\x80\x99s", " at the latest", " latest",
                                        " or earlier", " or sooner",    " or so"};
    for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
        size_t length = strlen(tails[i]);
        if (at + length <= text.length && strncasecmp(text.data + at, tails[i], length) == 0) {
            at += length;
            break;
        }
    }
    if (bracket && at < text.length && strchr(")]", text.data[at])) at++;
    return at;
}

static size_t put(char *out, size_t size, size_t used, char c) {
    if (used + 1 < size) out[used] = c;
    return used + 1;
}

/* Copies with single blanks and none in front of a closing mark. */
static size_t tidy(th_slice_t part, char *out, size_t size, size_t used) {
    bool gap = used > 0;
    for (size_t i = 0; i < part.length; i++) {
        char c = part.data[i];
        if (is_blank(c)) {
            gap = used > 0;
            continue;
        }
        if (used == 0 && strchr(",;:.-!?)", c)) continue;
        if (gap && !strchr(",;:.!?)", c)) used = put(out, size, used, ' ');
        gap = false;
        used = put(out, size, used, c);
    }
    return used;
}

size_t th_date_rest(th_slice_t text, const th_date_t *date, char *out, size_t size) {
    if (size == 0) return 0;
    size_t left = drop_introduction(text, date->start);
    bool bracket = left > 0 && strchr("([", text.data[left - 1]) != NULL;
    if (bracket) left = drop_introduction(text, left - 1);
    size_t right = drop_behind(text, date->start + date->length, bracket);
    size_t used = tidy(th_slice(text.data, left), out, size, 0);
    while (used > 0 && used < size && strchr(",;:- ", out[used - 1]))
        used--;
    used = tidy(th_slice(text.data + right, text.length - right), out, size, used);
    if (used >= size) used = size - 1;
    while (used > 0 && strchr(",;:- ", out[used - 1]))
        used--;
    out[used] = '\0';
    return used;
}

/* Of several dates the deadline is meant; else one with a day rather than "the Q3 report". */
static int weight(const th_date_t *date) {
    return (date->grain <= TH_GRAIN_DAY ? 2 : 0) + (date->deadline ? 4 : 0);
}

bool th_date_find(th_slice_t text, const th_date_context_t *context, th_zones_t *zones,
                  th_date_t *date, bool *whole, th_error_t *error) {
    th_date_t found[TH_DATE_FIND_MAX];
    th_error_t why = {.code = ""};
    *whole = th_date_parse(text, context, zones, date, &why);
    if (*whole) return true;
    size_t count = strcmp(why.code, "bad_date") == 0
                       ? 0
                       : th_date_extract(text, context, zones, found, TH_DATE_FIND_MAX);
    if (count == 0) {
        if (error) *error = why;
        return false;
    }
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (weight(&found[i]) > weight(&found[best])) best = i;
    *date = found[best];
    return true;
}
