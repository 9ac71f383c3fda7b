/* schema_check.h - compiling and validating in one line, for the test_schema_*.c programs. */
#ifndef TH_TESTS_SCHEMA_CHECK_H
#define TH_TESTS_SCHEMA_CHECK_H

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/schema.h"

/* Room for what the tests of limits make. */
static const th_json_limits_t test_limits = {
    .bytes = 16u << 20, .depth = 1000, .nodes = 2000000, .refuse_duplicates = false};

static inline th_json_document_t *document_of(const char *text) {
    th_error_t error;
    th_error_clear(&error);
    th_json_parser_t *parser = th_json_parser_new();
    th_json_document_t *document = th_json_parse(parser, th_slice_of(text), &test_limits, &error);
    th_json_parser_free(parser);
    if (!document) fail_msg("%.200s: %s", text, error.message);
    return document;
}

/* The schema keeps its own reference on the document. */
static inline th_schema_t *compile_text(const char *text, th_error_t *error) {
    th_json_document_t *document = document_of(text);
    th_schema_t *schema = th_schema_compile(th_json_root(document), error);
    th_json_unref(document);
    return schema;
}

static inline th_schema_t *must_compile(const char *text) {
    th_error_t error;
    th_error_clear(&error);
    th_schema_t *schema = compile_text(text, &error);
    if (!schema) fail_msg("%.200s: %s", text, error.message);
    return schema;
}

static inline bool validate_text(const th_schema_t *schema, const char *instance,
                                 th_schema_report_t *report) {
    th_json_document_t *document = document_of(instance);
    bool valid = th_schema_validate(schema, th_json_root(document), report);
    th_json_unref(document);
    return valid;
}

/* The verdict must be the same with and without a report, and the report must say why. */
static inline void assert_verdict(const char *schema_text, const char *instance, bool wanted) {
    th_schema_t *schema = must_compile(schema_text);
    th_schema_report_t report;
    bool valid = validate_text(schema, instance, &report);
    if (valid != wanted || validate_text(schema, instance, NULL) != wanted)
        fail_msg("%.200s with %.200s: should be %s (%s)", schema_text, instance,
                 wanted ? "valid" : "invalid", report.count ? report.errors[0].message : "");
    if (wanted != (report.count == 0))
        fail_msg("%.200s with %.200s: %zu errors", schema_text, instance, report.count);
    th_schema_free(schema);
}

/* Does not compile: the code, and words of the message. */
static inline void assert_refused(const char *schema_text, const char *code, const char *words) {
    th_error_t error;
    th_error_clear(&error);
    th_schema_t *schema = compile_text(schema_text, &error);
    if (schema) fail_msg("compiled: %.200s", schema_text);
    if (strcmp(error.code, code) != 0 || !strstr(error.message, words))
        fail_msg("%.200s: got %s: %s; wanted %s: %s", schema_text, error.code, error.message, code,
                 words);
}

#endif
