/* schema_internal.h - how a compiled schema lies in memory, and what the schema_*.c files share.
 * A schema is a graph of nodes, one per subschema; a node is a list of rules, one per keyword (or
 * per group of keywords that must be judged together, as properties with additionalProperties).
 * All of it lives in the schema's arena and never changes after compilation. */
#ifndef TH_JSON_SCHEMA_INTERNAL_H
#define TH_JSON_SCHEMA_INTERNAL_H

#include <stdint.h>

#include "base/table.h"
#include "json/schema.h"
#include "json/schema_format.h"
#include "json/schema_regex.h"

#define TH_SCHEMA_MAX_NODES 50000
#define TH_SCHEMA_MAX_MEMORY (64u << 20) /* bytes of arena */
#define TH_SCHEMA_MAX_NAMES 2000         /* $id and anchors; they are searched one by one */
#define TH_SCHEMA_MAX_URI 2048           /* bytes of a resolved URI */
#define TH_SCHEMA_MAX_NESTING 256        /* subschemas inside each other, when compiled */
#define TH_SCHEMA_MAX_DEPTH 512          /* evaluations inside each other, $ref included */
#define TH_SCHEMA_MAX_WORK 2000000       /* steps of one validation, about 20 to 50 ns each */

typedef struct th_schema_node th_schema_node_t;
typedef struct th_schema_rule th_schema_rule_t;
typedef struct th_schema_keyword th_schema_keyword_t;
typedef struct th_schema_compiler th_schema_compiler_t;
typedef struct th_schema_context th_schema_context_t;

/* ---- what a schema is made of ---- */

typedef struct th_schema_anchor {
    struct th_schema_anchor *next;
    th_slice_t name; /* borrowed from the document */
    const th_schema_node_t *node;
    bool dynamic; /* made by $dynamicAnchor */
} th_schema_anchor_t;

/* A schema resource: the root of a document, or a subschema with an $id. */
typedef struct th_schema_resource {
    struct th_schema_resource *next;
    th_slice_t uri; /* without fragment; empty for a root without $id */
    const th_schema_node_t *root;
    th_schema_anchor_t *anchors;
    uint8_t vocabularies; /* bits of th_schema_vocabulary_t */
} th_schema_resource_t;

typedef enum th_schema_vocabulary {
    TH_VOCABULARY_CORE = 1,
    TH_VOCABULARY_APPLICATOR = 2,
    TH_VOCABULARY_UNEVALUATED = 4,
    TH_VOCABULARY_VALIDATION = 8,
    TH_VOCABULARY_META_DATA = 16,
    TH_VOCABULARY_FORMAT = 32,
    TH_VOCABULARY_CONTENT = 64,
    TH_VOCABULARY_FORMAT_ASSERTION = 128, /* besides FORMAT: a metaschema demands assertion */
} th_schema_vocabulary_t;
#define TH_VOCABULARY_ALL 127

typedef enum th_schema_shape { TH_SHAPE_RULES, TH_SHAPE_TRUE, TH_SHAPE_FALSE } th_schema_shape_t;

struct th_schema_node {
    th_json_value_t source;
    th_schema_resource_t *resource;
    th_schema_rule_t *rules; /* in the order of the keyword table: unevaluated* last */
    uint32_t rule_count;
    th_schema_shape_t shape;
    bool has_unevaluated;
};

typedef struct th_schema_list {
    const th_schema_node_t **nodes;
    size_t count;
} th_schema_list_t;

typedef struct th_schema_named {
    th_slice_t name;
    const th_schema_node_t *node; /* NULL in dependentRequired */
    th_json_value_t value;
} th_schema_named_t;

typedef struct th_schema_named_list {
    th_schema_named_t *entries; /* sorted: th_schema_named_find */
    size_t count;
} th_schema_named_list_t;

typedef struct th_schema_pattern {
    const th_regex_t *regex;
    th_slice_t text;
    const th_schema_node_t *node;
} th_schema_pattern_t;

/* properties, patternProperties, additionalProperties: judged member by member in one pass. */
typedef struct th_schema_members {
    th_schema_named_list_t named;
    th_schema_pattern_t *patterns;
    size_t pattern_count;
    const th_schema_node_t *additional; /* NULL: everything goes, and stays unevaluated */
    th_json_value_t names;              /* the value of `properties`, or absent */
} th_schema_members_t;

typedef struct th_schema_items {
    th_schema_list_t prefix;
    const th_schema_node_t *rest; /* NULL: as above */
} th_schema_items_t;

typedef struct th_schema_contains {
    const th_schema_node_t *node; /* NULL: minContains and maxContains mean nothing */
    uint64_t least, most;
    bool has_least, has_most;
} th_schema_contains_t;

typedef struct th_schema_condition {
    const th_schema_node_t *test; /* NULL: then and else mean nothing */
    const th_schema_node_t *then, *otherwise;
} th_schema_condition_t;

typedef struct th_schema_reference {
    const th_schema_node_t *node; /* set when everything else is compiled */
    th_slice_t dynamic_name;      /* not empty: look for this $dynamicAnchor in the dynamic scope */
} th_schema_reference_t;

typedef struct th_schema_format th_schema_format_t;

struct th_schema_rule {
    const th_schema_keyword_t *keyword;
    th_json_value_t value; /* the keyword's value in the schema */
    union {
        const th_schema_node_t *node;
        th_schema_list_t list;
        th_schema_named_list_t named;
        th_schema_members_t *members;
        th_schema_items_t *items;
        th_schema_contains_t *contains;
        th_schema_condition_t *condition;
        th_schema_reference_t *reference;
        const th_regex_t *regex;
        const th_schema_format_t *format;
        uint64_t limit;
        uint32_t types; /* bits of th_schema_type_t */
    } as;
};

typedef enum th_schema_type {
    TH_SCHEMA_NULL = 1,
    TH_SCHEMA_BOOLEAN = 2,
    TH_SCHEMA_INTEGER = 4,
    TH_SCHEMA_NUMBER = 8,
    TH_SCHEMA_STRING = 16,
    TH_SCHEMA_ARRAY = 32,
    TH_SCHEMA_OBJECT = 64,
    TH_SCHEMA_ANY = 127,
} th_schema_type_t;

/* A row of the keyword table (schema_keywords.c). */
struct th_schema_keyword {
    const char *name;
    /* Adds rules to <node>, or only checks the value. False with the compiler's error set. */
    bool (*compile)(th_schema_compiler_t *compiler, th_schema_node_t *node,
                    const th_schema_keyword_t *keyword, th_json_value_t value);
    /* True when the instance obeys; otherwise the mistake was reported with th_schema_fail. */
    bool (*check)(const th_schema_context_t *at, const th_schema_rule_t *rule);
    uint8_t vocabulary;
    uint8_t types; /* instance types <check> is called for */
    bool last;     /* judged after all others of its node, and only if they held */
};

typedef struct th_schema_block th_schema_block_t; /* of the arena */

struct th_schema {
    th_schema_block_t *blocks;
    size_t memory;
    const th_json_document_t
        *documents[16]; /* references: the schema's, and built-in metaschemas */
    size_t document_count;
    th_regex_t *regexes; /* a list, to be freed */
    th_idn_t idn;        /* without scratch; made when a format needs it */
    const th_schema_node_t *root;
};

/* ---- compiling ---- */

typedef struct th_schema_pending {
    struct th_schema_pending *next;
    const th_schema_node_t *node; /* where the reference stands */
    th_schema_reference_t *reference;
    th_json_value_t value;
    bool dynamic;
} th_schema_pending_t;

struct th_schema_compiler {
    th_schema_t *schema;
    th_json_value_t root; /* what is compiled; places are told from here */
    const th_schema_options_t *options;
    th_error_t *error;
    th_table_t *nodes; /* by th_json_value_t: values that are subschemas */
    th_schema_resource_t *resources;
    th_schema_pending_t *pending;
    uint32_t node_count;
    uint32_t name_count; /* resources and anchors */
    uint32_t nesting;
};

/* Zeroed memory that lives as long as the schema; NULL with the error set. */
void *th_schema_allocate(th_schema_compiler_t *compiler, size_t count, size_t size);
/* The node of a subschema, made if there is none yet. NULL with the error set. */
th_schema_node_t *th_schema_node_make(th_schema_compiler_t *compiler, th_json_value_t value,
                                      th_schema_resource_t *resource);
/* The node made from exactly this value, or NULL. */
th_schema_node_t *th_schema_node_find(const th_schema_compiler_t *compiler, th_json_value_t value);
/* Appends a rule; its place was reserved by th_schema_node_make. */
th_schema_rule_t *th_schema_rule_add(th_schema_node_t *node, const th_schema_keyword_t *keyword,
                                     th_json_value_t value);
/* Sets the error: "at <pointer of value>: <message>". Returns false. */
bool th_schema_refuse(th_schema_compiler_t *compiler, th_json_value_t value, const char *format,
                      ...) __attribute__((format(printf, 3, 4)));

/* The same: "`keyword` must be <what>, not <the type of value>". */
bool th_schema_refuse_type(th_schema_compiler_t *compiler, const th_schema_keyword_t *keyword,
                           th_json_value_t value, const char *what);

/* NULL when <name> is no keyword of the dialect. */
const th_schema_keyword_t *th_schema_keyword_find(th_slice_t name);
bool th_schema_keyword_before(const th_schema_keyword_t *a, const th_schema_keyword_t *b);

/* Handles $id, $schema, $anchor, $dynamicAnchor of <node>; sets node->resource. */
bool th_schema_identify(th_schema_compiler_t *compiler, th_schema_node_t *node,
                        th_schema_resource_t *parent);
/* Resolves all pending references, compiling what they need. */
bool th_schema_resolve_all(th_schema_compiler_t *compiler);
const th_schema_node_t *th_schema_resource_anchor(const th_schema_resource_t *resource,
                                                  th_slice_t name, bool only_dynamic);
/* The vocabularies of the dialect <uri>, which a $schema at <place> named; 0 with the error set. */
uint8_t th_schema_dialect(th_schema_compiler_t *compiler, th_json_value_t place, th_slice_t uri);

/* The text of a built-in metaschema; empty when <uri> is none. */
th_slice_t th_schema_metaschema(th_slice_t uri);

/* RFC 3986 5.2: <reference> against <base>, without its fragment, which goes to <fragment>
 * (borrowed from <reference>). False when longer than TH_SCHEMA_MAX_URI. */
bool th_schema_uri_resolve(th_slice_t base, th_slice_t reference, char *out, size_t *length,
                           th_slice_t *fragment);

const th_schema_named_t *th_schema_named_find(const th_schema_named_list_t *list, th_slice_t name);

/* ---- validating ---- */

typedef struct th_schema_run {
    const th_schema_t *schema;
    th_json_value_t root;       /* of the instance */
    th_schema_report_t *report; /* NULL: nobody wants to know why */
    size_t room;                /* entries of the report that may be filled now */
    uint64_t work;              /* steps left */
    uint32_t depth;
    const char *stopped; /* NULL, or which budget ran out: everything is false from there on */
    th_regex_scratch_t *scratch; /* made when first needed */
} th_schema_run_t;

/* The resources entered on the way here, innermost first: the dynamic scope. */
typedef struct th_schema_scope {
    const struct th_schema_scope *outer;
    const th_schema_resource_t *resource;
} th_schema_scope_t;

/* Which members or elements of one instance have been evaluated; by position. */
typedef struct th_schema_seen {
    uint64_t *bits;
    size_t count;
    uint64_t inside[4];
} th_schema_seen_t;

/* Where an evaluation stands. */
struct th_schema_context {
    th_schema_run_t *run;
    const th_schema_scope_t *scope;
    th_json_value_t instance;
    uint32_t type;          /* bits of th_schema_type_t: INTEGER comes with NUMBER */
    th_schema_seen_t *seen; /* NULL: nobody asks */
};

/* Judges <instance>; what was evaluated is added to <seen> (may be NULL), in part even if false. */
bool th_schema_evaluate(th_schema_run_t *run, const th_schema_scope_t *scope,
                        const th_schema_node_t *node, th_json_value_t instance,
                        th_schema_seen_t *seen);
/* The same, silently: no report. */
bool th_schema_evaluate_quietly(th_schema_run_t *run, const th_schema_scope_t *scope,
                                const th_schema_node_t *node, th_json_value_t instance,
                                th_schema_seen_t *seen);
/* Takes <steps> from the budget; false when it is spent. */
bool th_schema_spend(th_schema_run_t *run, uint64_t steps);
/* The run's memory for regular expressions; NULL with the run stopped when there is none. */
th_regex_scratch_t *th_schema_scratch(th_schema_run_t *run);
/* Ends the validation as exhausted; <why> is literal. Returns false. */
bool th_schema_stop(th_schema_run_t *run, const char *why);
uint32_t th_schema_type_bits(th_json_value_t value);
/* Tape words of a value: what comparing it may cost. */
uint64_t th_schema_weight(th_json_value_t value);

/* False with the run stopped when memory ran out. */
bool th_schema_seen_init(th_schema_run_t *run, th_schema_seen_t *seen, th_json_value_t instance);
void th_schema_seen_free(th_schema_seen_t *seen);
void th_schema_seen_merge(th_schema_seen_t *into, const th_schema_seen_t *from);
static inline void th_schema_seen_mark(th_schema_seen_t *seen, size_t at) {
    if (seen) seen->bits[at / 64] |= UINT64_C(1) << at % 64;
}
static inline bool th_schema_seen_has(const th_schema_seen_t *seen, size_t at) {
    return (seen->bits[at / 64] >> at % 64 & 1) != 0;
}

/* True when a mistake would be recorded: somebody wants to know, and there is room. */
static inline bool th_schema_wanted(const th_schema_context_t *at) {
    return at->run->report && at->run->report->count < at->run->room;
}
bool th_schema_record(const th_schema_context_t *at, const char *keyword, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool th_schema_unrecorded(const th_schema_context_t *at);
/* Reports a mistake about the instance; false, always. A macro, so that excerpts among the
 * arguments are made only when they are wanted. */
#define th_schema_fail(at, keyword, ...) \
    (th_schema_wanted(at) ? th_schema_record(at, keyword, __VA_ARGS__) : th_schema_unrecorded(at))

/* Text for people. */
#define TH_EXCERPT_SIZE 112
typedef struct th_excerpt {
    char text[TH_EXCERPT_SIZE];
} th_excerpt_t;
th_excerpt_t th_excerpt(th_json_value_t value); /* JSON, cut at 100 bytes */
th_excerpt_t th_excerpt_name(th_slice_t name);  /* a key in quotes, cut likewise */
/* The JSON pointer from <root> down to <value>, cut with an ellipsis to fit <size>. */
void th_schema_locate(th_json_value_t root, th_json_value_t value, char *out, size_t size);
/* The nearest of the names in <candidates> (an object's keys, or an array's strings) to a
 * mistyped <word>; empty when none is near. */
th_slice_t th_schema_nearest(th_slice_t word, th_json_value_t candidates);
/* A list of values: `"open", "done", ... (7 more)`, in at most <size> bytes. */
void th_schema_list_values(th_json_value_t array, char *out, size_t size);

/* ---- numbers ---- */

/* Below, equal, above: -1, 0, 1, without rounding. Both must be numbers. */
int th_schema_compare_numbers(th_json_value_t a, th_json_value_t b);
/* Exact over the decimal forms: 0.0075 is a multiple of 0.0001. */
bool th_schema_is_multiple(th_json_value_t number, th_json_value_t divisor);

/* Matches with the budget of the run charged; false with *failed set when it ran out. */
bool th_schema_matches(th_schema_run_t *run, const th_regex_t *regex, th_slice_t text,
                       bool *failed);

#endif
