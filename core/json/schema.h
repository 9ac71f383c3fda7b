/* schema.h - JSON Schema 2020-12 validation of documents.
 * A schema is compiled once from a document (which it keeps a reference to), is immutable and may
 * be used by several threads. No network references ever: an unresolvable $ref fails compilation.
 * Bounded: subschemas, recursion, regular-expression steps, and work per validation. */
#ifndef TH_JSON_SCHEMA_H
#define TH_JSON_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "json/document.h"

typedef struct th_schema th_schema_t;

typedef struct th_schema_options {
    /* `format` is an annotation only, as the dialect has it by default. Otherwise it is checked,
     * which is what people who write it expect. */
    bool formats_annotate;
} th_schema_options_t;

/* NULL: <error> has the code "bad_schema", "too_large", "too_deep" or "no_memory", and its message
 * names the JSON pointer of the offending place and what is wrong with it. Formats are checked. */
th_schema_t *th_schema_compile(th_json_value_t schema, th_error_t *error);
/* The same with options; NULL takes the defaults. */
th_schema_t *th_schema_compile_with(th_json_value_t schema, const th_schema_options_t *options,
                                    th_error_t *error);
void th_schema_free(th_schema_t *schema); /* NULL is fine */

#define TH_SCHEMA_MAX_ERRORS 16

typedef struct th_schema_error {
    char instance_path[160]; /* JSON pointer into the instance, cut with an ellipsis; "" = the root
                              */
    char keyword[32];        /* the rule: "required", "enum", "type" ... */
    char message[320];       /* what is wrong and what would be right, allowed values listed */
} th_schema_error_t;

typedef struct th_schema_report {
    th_schema_error_t errors[TH_SCHEMA_MAX_ERRORS];
    size_t count;   /* filled entries */
    bool more;      /* there were further errors */
    bool exhausted; /* a budget (work, depth, memory) ran out: treated as invalid */
} th_schema_report_t;

/* True when valid. <report> is overwritten; it may be NULL when only the verdict matters (then it
 * stops at the first error). */
bool th_schema_validate(const th_schema_t *schema, th_json_value_t instance,
                        th_schema_report_t *report);

#endif
