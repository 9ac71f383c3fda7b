/* schema_dialect.c - which vocabularies a $schema asks for. One dialect is known, 2020-12; another
 * metaschema counts if it stands in the schema's own document, among the $defs of its root. */
#include "json/schema_internal.h"

#define DIALECT "https://json-schema.org/draft/2020-12/schema"
#define VOCABULARY "https://json-schema.org/draft/2020-12/vocab/"

static const struct {
    const char *uri;
    uint8_t bits;
} vocabularies[] = {
    {VOCABULARY "core", TH_VOCABULARY_CORE},
    {VOCABULARY "applicator", TH_VOCABULARY_APPLICATOR},
    {VOCABULARY "unevaluated", TH_VOCABULARY_UNEVALUATED},
    {VOCABULARY "validation", TH_VOCABULARY_VALIDATION},
    {VOCABULARY "meta-data", TH_VOCABULARY_META_DATA},
    {VOCABULARY "format-annotation", TH_VOCABULARY_FORMAT},
    {VOCABULARY "format-assertion", TH_VOCABULARY_FORMAT | TH_VOCABULARY_FORMAT_ASSERTION},
    {VOCABULARY "content", TH_VOCABULARY_CONTENT},
};

static uint8_t bits_of(th_slice_t uri) {
    for (size_t i = 0; i < sizeof vocabularies / sizeof vocabularies[0]; i++)
        if (th_slice_is(uri, vocabularies[i].uri)) return vocabularies[i].bits;
    return 0;
}

static uint8_t read_vocabularies(th_schema_compiler_t *compiler, th_json_value_t metaschema) {
    th_json_value_t declared = th_json_member(metaschema, "$vocabulary");
    if (!th_json_is_object(declared)) return TH_VOCABULARY_ALL; /* core 8.1.2.1: up to us */
    uint8_t bits = TH_VOCABULARY_CORE;
    th_json_iterator_t it = th_json_iterate(declared);
    while (th_json_next(&it)) {
        bool required = false;
        uint8_t known = bits_of(it.key);
        (void)th_json_boolean(it.value, &required);
        if (!known && required) {
            th_schema_refuse(compiler, it.value, "the required vocabulary %s is not known here",
                             th_excerpt_name(it.key).text);
            return 0;
        }
        bits |= known;
    }
    return bits;
}

static th_slice_t without_empty_fragment(th_slice_t uri) {
    if (uri.length > 0 && uri.data[uri.length - 1] == '#') uri.length--;
    return uri;
}

uint8_t th_schema_dialect(th_schema_compiler_t *compiler, th_json_value_t place, th_slice_t uri) {
    uri = without_empty_fragment(uri);
    if (th_slice_is(uri, DIALECT)) return TH_VOCABULARY_ALL;
    th_json_iterator_t it = th_json_iterate(th_json_member(compiler->root, "$defs"));
    while (th_json_next(&it)) {
        th_slice_t id;
        if (th_json_string(th_json_member(it.value, "$id"), &id) &&
            th_slice_equal(without_empty_fragment(id), uri))
            return read_vocabularies(compiler, it.value);
    }
    th_schema_refuse(compiler, place,
                     "unsupported dialect %s; write JSON Schema 2020-12 (\"" DIALECT
                     "\") or leave `$schema` out",
                     th_excerpt(place).text);
    return 0;
}
