/* date.c - the context's defaults, and parse: the whole text is one date. */
#include "date/date.h"

#include <string.h>

#include "date/grammar.h"
#include "date/resolve.h"

void th_date_context_defaults(th_date_context_t *context) {
    memset(context, 0, sizeof(*context));
    context->prefer = TH_PREFER_FUTURE;
    context->working_days = 0x1f;
    context->week_start = 1;
    context->fiscal_year_start = 1;
    context->hour_morning = 9;
    context->hour_noon = 12;
    context->hour_afternoon = 15;
    context->hour_evening = 18;
    context->hour_night = 21;
    context->minute_end_of_day = 23 * 60 + 59;
    context->minute_close = 17 * 60;
}

const char *th_date_grain_name(th_date_grain_t grain) {
    static const char *const names[] = {"second", "minute", "hour",    "day",
                                        "week",   "month",  "quarter", "year"};
    return names[grain];
}

/* Behind the date nothing may stand but "at the latest" and closing marks. */
static size_t skip_closing(th_reader_t *reader, size_t at) {
    if (th_key(reader, at, TH_KEY_AT) && th_key(reader, at + 1, TH_KEY_THE) &&
        th_key(reader, at + 2, TH_KEY_LATEST))
        at += 3;
    else if (th_key(reader, at, TH_KEY_LATEST))
        at++;
    while (th_mark(reader, at, '.') || th_mark(reader, at, '!') || th_mark(reader, at, ',') ||
           th_mark(reader, at, ';') || th_mark(reader, at, '?'))
        at++;
    return at;
}

static bool refuse(th_reader_t *reader, size_t at, th_error_t *error) {
    const th_token_t *token = th_at(reader, at);
    size_t length = token->end - token->start;
    th_slice_t text = reader->tokens->text;
    return th_error_set(error, "not_a_date", "\"%.*s\" does not belong to a date",
                        (int)(length > 40 ? 40 : length), text.data + token->start);
}

static void finish_span(th_tokens_t *tokens, const th_partial_t *partial, th_date_t *date) {
    date->start = th_tokens_at(tokens, partial->first)->start;
    date->length = th_tokens_at(tokens, partial->next - 1)->end - date->start;
}

bool th_date_parse(th_slice_t text, const th_date_context_t *context, th_zones_t *zones,
                   th_date_t *date, th_error_t *error) {
    th_tokens_t tokens;
    th_partial_t partial;
    th_reader_t reader = {
        .tokens = &tokens, .zones = zones, .day_first = context->day_first, .whole = true};
    if (text.length > TH_DATE_TEXT_MAX)
        return th_error_set(error, "too_long", "a date has at most %d bytes", TH_DATE_TEXT_MAX);
    th_tokens_open(&tokens, text);
    if (!th_read_partial(&reader, 0, &partial)) {
        if (th_at(&reader, 0)->kind == TH_TOKEN_END)
            return th_error_set(error, "no_date",
                                "the text is empty; a date is written like 4 December 2026 or "
                                "next Friday at 3pm");
        return th_error_set(error, "no_date",
                            "no date was found; one is written like 4 December 2026 or next "
                            "Friday at 3pm");
    }
    size_t end = skip_closing(&reader, partial.next);
    if (th_at(&reader, end)->kind != TH_TOKEN_END || end - tokens.base >= TH_TOKENS_AHEAD)
        return refuse(&reader, end, error);
    if (!th_resolve(&partial, context, date, error)) return false;
    finish_span(&tokens, &partial, date);
    return true;
}
