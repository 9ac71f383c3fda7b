/* schema_regex.c - compiling and searching with PCRE2, within limits on steps, depth and memory. */
#include "json/schema_regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_NESTED_GROUPS 100
#define MAX_HEAP_KIB 8192
#define MAX_TRANSLATED (16 * TH_REGEX_MAX_PATTERN)

struct th_regex_scratch {
    pcre2_match_data *match;
    pcre2_match_context *efforts[2];
};

static pcre2_code *compile(th_slice_t pattern, th_error_t *error) {
    int code;
    PCRE2_SIZE offset;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!context) {
        th_error_set(error, "no_memory", "out of memory for a regular expression");
        return NULL;
    }
    pcre2_set_parens_nest_limit(context, MAX_NESTED_GROUPS);
    /* No PCRE2_UCP: \d, \w and \b are ASCII in ECMA-262. References to groups that took no part
     * match the empty string there, and $ does not look before a final line feed. */
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)pattern.data, pattern.length,
                                         PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOLLAR_ENDONLY |
                                             PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C,
                                         &code, &offset, context);
    pcre2_compile_context_free(context);
    if (!compiled) {
        PCRE2_UCHAR reason[160];
        pcre2_get_error_message(code, reason, sizeof reason);
        /* ECMA-262 has lookbehind of any width, this engine has not: the pattern is right, but no
         * use here. */
        bool beyond = code == PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH;
        th_error_set(error, beyond ? "beyond_engine" : "bad_pattern",
                     beyond ? "the pattern cannot be used here: %s"
                            : "the pattern is not a regular expression: %s",
                     (const char *)reason);
    }
    return compiled;
}

static th_regex_t *wrap(th_slice_t pattern, th_error_t *error) {
    pcre2_code *code = compile(pattern, error);
    if (!code) return NULL;
    th_regex_t *regex = calloc(1, sizeof *regex);
    if (!regex) {
        pcre2_code_free(code);
        th_error_set(error, "no_memory", "out of memory for a regular expression");
        return NULL;
    }
    regex->code = code;
    return regex;
}

th_regex_t *th_regex_compile(th_slice_t pattern, th_error_t *error) {
    if (pattern.length > TH_REGEX_MAX_PATTERN) {
        th_error_set(error, "bad_pattern", "the pattern is longer than %d bytes",
                     TH_REGEX_MAX_PATTERN);
        return NULL;
    }
    th_buffer_t translated;
    th_buffer_init(&translated, MAX_TRANSLATED);
    th_regex_t *regex = NULL;
    if (th_regex_translate(pattern, &translated, error)) {
        if (translated.failed)
            th_error_set(error, "bad_pattern", "the pattern is too long");
        else
            regex =
                wrap(translated.length > 0 ? th_buffer_slice(&translated) : TH_SLICE(""), error);
    }
    th_buffer_reset(&translated);
    return regex;
}

th_regex_t *th_regex_compile_native(const char *pattern, th_error_t *error) {
    return wrap(th_slice_of(pattern), error);
}

void th_regex_free(th_regex_t *regex) {
    if (!regex) return;
    pcre2_code_free(regex->code);
    free(regex);
}

static pcre2_match_context *limits(uint32_t steps) {
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    if (!context) return NULL;
    pcre2_set_match_limit(context, steps);
    pcre2_set_depth_limit(context, steps);
    pcre2_set_heap_limit(context, MAX_HEAP_KIB);
    return context;
}

th_regex_scratch_t *th_regex_scratch_new(void) {
    th_regex_scratch_t *scratch = calloc(1, sizeof *scratch);
    if (!scratch) return NULL;
    scratch->match = pcre2_match_data_create(1, NULL); /* where it matched does not matter */
    scratch->efforts[TH_REGEX_SHORT] = limits(TH_REGEX_SHORT_STEPS);
    scratch->efforts[TH_REGEX_LONG] = limits(TH_REGEX_LONG_STEPS);
    if (scratch->match && scratch->efforts[TH_REGEX_SHORT] && scratch->efforts[TH_REGEX_LONG])
        return scratch;
    th_regex_scratch_free(scratch);
    return NULL;
}

void th_regex_scratch_free(th_regex_scratch_t *scratch) {
    if (!scratch) return;
    pcre2_match_data_free(scratch->match);
    pcre2_match_context_free(scratch->efforts[TH_REGEX_SHORT]);
    pcre2_match_context_free(scratch->efforts[TH_REGEX_LONG]);
    free(scratch);
}

th_regex_result_t th_regex_search(const th_regex_t *regex, th_regex_scratch_t *scratch,
                                  th_slice_t text, th_regex_effort_t effort) {
    /* The document checked the UTF-8. */
    int result = pcre2_match(regex->code, (PCRE2_SPTR)(text.data ? text.data : ""), text.length, 0,
                             PCRE2_NO_UTF_CHECK, scratch->match, scratch->efforts[effort]);
    if (result >= 0) return TH_REGEX_YES;
    return result == PCRE2_ERROR_NOMATCH ? TH_REGEX_NO : TH_REGEX_GAVE_UP;
}
