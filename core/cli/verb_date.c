/* verb_date.c - `tallyhost date`: reads a date as people write it, for one text or for lines of
 * JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/arguments.h"
#include "date/date.h"
#include "json/document.h"
#include "json/writer.h"

#define LINE_MAX_BYTES (4 * 1024 * 1024)

typedef struct {
    th_zones_t *zones;
    th_json_parser_t *parser;
    th_date_context_t context;
    th_buffer_t out;
} dates_t;

/* What one question names, as text; NULL or empty = not said. */
typedef struct {
    th_slice_t reference, zone, locale, prefer;
} question_t;

/* Americans write the month first, and so do we where nothing is said; all others the day. */
static bool locale_is_day_first(th_slice_t locale) {
    static const char *const month_first[] = {"",    "en",  "en-us",       "en_us", "us",
                                              "m/d", "mdy", "en-us.utf-8", "c"};
    for (size_t i = 0; i < sizeof(month_first) / sizeof(month_first[0]); i++)
        if (th_slice_equal_nocase(locale, th_slice_of(month_first[i]))) return false;
    return true;
}

static bool read_prefer(th_slice_t text, th_date_prefer_t *prefer, th_error_t *error) {
    if (text.length == 0 || th_slice_is(text, "future"))
        *prefer = TH_PREFER_FUTURE;
    else if (th_slice_is(text, "nearest"))
        *prefer = TH_PREFER_NEAREST;
    else if (th_slice_is(text, "past"))
        *prefer = TH_PREFER_PAST;
    else
        return th_error_set(error, "bad_prefer", "prefer is future, nearest or past");
    return true;
}

static bool prepare(dates_t *dates, const question_t *question, th_error_t *error) {
    th_date_context_t *context = &dates->context;
    th_date_t reference;
    th_date_context_defaults(context);
    context->zone = question->zone.length ? th_zones_find(dates->zones, question->zone, error)
                                          : th_zones_utc(dates->zones);
    if (!context->zone || !read_prefer(question->prefer, &context->prefer, error)) return false;
    context->day_first = locale_is_day_first(question->locale);
    context->reference = th_clock_wall_ms() / 1000;
    if (question->reference.length == 0) return true;
    if (!th_date_parse(question->reference, context, dates->zones, &reference, NULL))
        return th_error_set(error, "bad_reference",
                            "the reference is written like 2026-11-25T10:00:00Z");
    context->reference = reference.instant;
    return true;
}

static void write_result(th_json_writer_t *writer, const th_date_t *date, bool verbose) {
    char text[TH_DATE_WORDS_SIZE];
    th_date_format_iso(date, text);
    th_json_write_member_text(writer, "iso", text);
    if (date->has_end) {
        th_date_format_end(date, text);
        th_json_write_member_text(writer, "end", text);
    }
    th_json_write_member_text(writer, "grain", th_date_grain_name(date->grain));
    th_date_format_words(date, text);
    th_json_write_member_text(writer, "words", text);
    if (!verbose) return;
    th_json_write_member_boolean(writer, "deadline", date->deadline);
    th_json_write_member_integer(writer, "confidence", date->confidence);
    if (date->note[0]) th_json_write_member_text(writer, "note", date->note);
}

static void write_span(th_json_writer_t *writer, th_slice_t text, const th_date_t *date,
                       bool whole) {
    th_json_write_member_string(writer, "matched", th_slice(text.data + date->start, date->length));
    if (whole) return;
    char *rest = malloc(text.length + 2);
    if (!rest) return;
    size_t length = th_date_rest(text, date, rest, text.length + 2);
    th_json_write_member_string(writer, "rest", th_slice(rest, length));
    free(rest);
}

static bool print(dates_t *dates, th_json_writer_t *writer) {
    th_error_t error;
    th_json_write_end(writer);
    if (!th_json_writer_finish(writer, &error)) {
        (void)fprintf(stderr, "tallyhost date: %s\n", error.message);
        return false;
    }
    th_slice_t line = th_buffer_slice(&dates->out);
    return fwrite(line.data, 1, line.length, stdout) == line.length && fputc('\n', stdout) != EOF;
}

static void write_answer(dates_t *dates, th_json_writer_t *writer, th_slice_t text,
                         const question_t *question, bool verbose) {
    th_error_t error = {.code = ""};
    th_date_t date;
    bool whole;
    if (prepare(dates, question, &error) &&
        th_date_find(text, &dates->context, dates->zones, &date, &whole, &error)) {
        write_result(writer, &date, verbose);
        write_span(writer, text, &date, whole);
        return;
    }
    th_json_write_key(writer, TH_SLICE("iso"));
    th_json_write_null(writer);
    th_json_write_member_text(writer, "error", error.code);
    th_json_write_member_text(writer, "message", error.message);
}

static th_slice_t member(th_json_value_t object, const char *name) {
    th_slice_t text = {"", 0};
    th_json_string(th_json_member(object, name), &text);
    return text;
}

static bool answer_line(dates_t *dates, th_slice_t line) {
    th_error_t error;
    th_json_writer_t writer;
    th_json_limits_t limits = th_json_limits_request;
    limits.bytes = LINE_MAX_BYTES;
    th_json_document_t *document = th_json_parse(dates->parser, line, &limits, &error);
    th_buffer_clear(&dates->out);
    th_json_writer_init(&writer, &dates->out, 0);
    th_json_write_object(&writer);
    if (!document) {
        th_json_write_key(&writer, TH_SLICE("id"));
        th_json_write_null(&writer);
        th_json_write_key(&writer, TH_SLICE("iso"));
        th_json_write_null(&writer);
        th_json_write_member_text(&writer, "error", error.code);
        th_json_write_member_text(&writer, "message", error.message);
        return print(dates, &writer);
    }
    th_json_value_t root = th_json_root(document);
    question_t question = {member(root, "reference"), member(root, "tz"), member(root, "locale"),
                           member(root, "prefer")};
    th_json_write_member_value(&writer, "id", th_json_member(root, "id"));
    write_answer(dates, &writer, member(root, "text"), &question, false);
    bool printed = print(dates, &writer);
    th_json_unref(document);
    return printed;
}

static int answer_lines(dates_t *dates) {
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    bool fine = true;
    while (fine && (length = getline(&line, &capacity, stdin)) > 0) {
        if (length > LINE_MAX_BYTES) {
            (void)fprintf(stderr, "tallyhost date: a line has more than %d bytes\n",
                          LINE_MAX_BYTES);
            fine = false;
            break;
        }
        while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
            length--;
        if (length > 0) fine = answer_line(dates, th_slice(line, (size_t)length));
    }
    free(line);
    return fine && fflush(stdout) == 0 ? TH_EXIT_OK : TH_EXIT_FAILURE;
}

static int answer_json(dates_t *dates, th_slice_t text, const question_t *question) {
    th_json_writer_t writer;
    th_json_writer_init(&writer, &dates->out, 0);
    th_json_write_object(&writer);
    write_answer(dates, &writer, text, question, true);
    return print(dates, &writer) ? TH_EXIT_OK : TH_EXIT_FAILURE;
}

static int answer_person(dates_t *dates, th_slice_t text, const question_t *question) {
    th_error_t error = {.code = ""};
    th_date_t date;
    bool whole;
    char words[TH_DATE_WORDS_SIZE], iso[40];
    if (!prepare(dates, question, &error) ||
        !th_date_find(text, &dates->context, dates->zones, &date, &whole, &error)) {
        (void)fprintf(stderr, "tallyhost date: %s\n", error.message);
        return TH_EXIT_FAILURE;
    }
    th_date_format_words(&date, words);
    th_date_format_iso(&date, iso);
    printf("%s\n%s\n", words, iso);
    if (date.note[0]) printf("note: %s\n", date.note);
    if (!whole) {
        char *rest = malloc(text.length + 2);
        if (rest) {
            th_date_rest(text, &date, rest, text.length + 2);
            printf("from: \"%.*s\"\nrest: %s\n", (int)date.length, text.data + date.start, rest);
        }
        free(rest);
    }
    return TH_EXIT_OK;
}

static th_slice_t given(const th_arguments_t *arguments, const char *name) {
    return th_slice_of(th_arguments_value(arguments, name));
}

static int run(dates_t *dates, const th_arguments_t *arguments) {
    question_t question = {given(arguments, "--reference"), given(arguments, "--zone"),
                           given(arguments, "--locale"), given(arguments, "--prefer")};
    const char *own = getenv("TZ");
    if (!question.zone.length && own && th_zones_find(dates->zones, th_slice_of(own), NULL))
        question.zone = th_slice_of(own);
    if (th_arguments_has(arguments, "--jsonl")) return answer_lines(dates);
    th_buffer_t text;
    th_buffer_init(&text, TH_DATE_TEXT_MAX);
    for (size_t i = 0; i < arguments->operand_count; i++) {
        if (i > 0) th_buffer_add_byte(&text, ' ');
        th_buffer_add_text(&text, arguments->operands[i]);
    }
    int code = th_arguments_has(arguments, "--json")
                   ? answer_json(dates, th_buffer_slice(&text), &question)
                   : answer_person(dates, th_buffer_slice(&text), &question);
    th_buffer_reset(&text);
    return code;
}

int th_verb_date(int argc, char **argv) {
    th_arguments_t arguments;
    if (!th_arguments_parse(&arguments, argc, argv)) return arguments.exit_code;
    bool lines = th_arguments_has(&arguments, "--jsonl");
    if (!th_arguments_expect(&arguments, lines ? 0 : 1, lines ? 0 : TH_ARGUMENTS_MAX))
        return arguments.exit_code;
    dates_t dates = {.zones = th_zones_open(NULL), .parser = th_json_parser_new()};
    th_buffer_init(&dates.out, 2 * LINE_MAX_BYTES + 4096);
    int code = TH_EXIT_FAILURE;
    if (dates.zones && dates.parser)
        code = run(&dates, &arguments);
    else
        (void)fprintf(stderr, "tallyhost date: out of memory\n");
    th_buffer_reset(&dates.out);
    th_json_parser_free(dates.parser);
    th_zones_close(dates.zones);
    return code;
}
