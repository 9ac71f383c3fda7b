/* schema_reference.c - names and references: $id makes resources, $anchor and $dynamicAnchor name
 * places in them, $ref and $dynamicRef point at them. Everything a reference may mean is in the
 * document itself or one of the built-in metaschemas; nothing is fetched. */
#include <stdlib.h>

#include "json/schema_keywords.h"

static th_schema_resource_t *find_resource(const th_schema_compiler_t *compiler, th_slice_t uri) {
    for (th_schema_resource_t *resource = compiler->resources; resource; resource = resource->next)
        if (th_slice_equal(resource->uri, uri)) return resource;
    return NULL;
}

const th_schema_node_t *th_schema_resource_anchor(const th_schema_resource_t *resource,
                                                  th_slice_t name, bool only_dynamic) {
    for (const th_schema_anchor_t *anchor = resource->anchors; anchor; anchor = anchor->next)
        if (th_slice_equal(anchor->name, name) && (anchor->dynamic || !only_dynamic))
            return anchor->node;
    return NULL;
}

/* ---- naming ---- */

static bool count_name(th_schema_compiler_t *compiler) {
    if (compiler->name_count++ < TH_SCHEMA_MAX_NAMES) return true;
    return th_error_set(compiler->error, "too_large", "the schema has over %d ids and anchors",
                        TH_SCHEMA_MAX_NAMES);
}

static bool set_uri(th_schema_compiler_t *compiler, th_schema_resource_t *resource,
                    th_json_value_t value, th_slice_t base, th_slice_t id) {
    char uri[TH_SCHEMA_MAX_URI];
    size_t length;
    th_slice_t fragment;
    if (!th_schema_uri_resolve(base, id, uri, &length, &fragment))
        return th_schema_refuse(compiler, value, "`$id` is longer than %d bytes",
                                TH_SCHEMA_MAX_URI);
    if (fragment.length > 0)
        return th_schema_refuse(compiler, value,
                                "`$id` must have no fragment; name places with `$anchor`");
    const th_schema_resource_t *other = find_resource(compiler, th_slice(uri, length));
    if (other && other != resource)
        return th_schema_refuse(compiler, value, "`$id` %s names another schema already",
                                th_excerpt(value).text);
    char *copy = count_name(compiler) ? th_schema_allocate(compiler, length, 1) : NULL;
    if (!copy) return false;
    memcpy(copy, uri, length);
    resource->uri = th_slice(copy, length);
    return true;
}

/* The resource of a node with an $id: the document's own for its root, a new one elsewhere. */
static bool enter_resource(th_schema_compiler_t *compiler, th_schema_node_t *node,
                           th_json_value_t value, th_slice_t id, th_schema_resource_t *parent) {
    th_schema_resource_t *resource = parent;
    th_slice_t base = parent->uri;
    if (parent->root) {
        resource = th_schema_allocate(compiler, 1, sizeof *resource);
        if (!resource) return false;
        resource->vocabularies = parent->vocabularies;
    }
    if (!set_uri(compiler, resource, value, base, id)) return false;
    if (resource != parent) {
        resource->next = compiler->resources;
        compiler->resources = resource;
    }
    resource->root = node;
    node->resource = resource;
    return true;
}

static bool is_anchor(th_slice_t name) {
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool other = (c >= '0' && c <= '9') || c == '-' || c == '.';
        if (!letter && (i == 0 || !other)) return false;
    }
    return name.length > 0;
}

static bool add_anchor(th_schema_compiler_t *compiler, th_schema_node_t *node, const char *keyword,
                       bool dynamic) {
    th_json_value_t value = th_json_member(node->source, keyword);
    th_slice_t name;
    if (!th_json_string(value, &name)) return true; /* absent, or refused as no string later */
    if (!is_anchor(name))
        return th_schema_refuse(compiler, value,
                                "`%s` must be letters, digits, `-`, `_` and `.`, and start with a "
                                "letter or `_`",
                                keyword);
    const th_schema_node_t *other = th_schema_resource_anchor(node->resource, name, false);
    if (other && other != node)
        return th_schema_refuse(compiler, value, "the anchor %s is there twice",
                                th_excerpt(value).text);
    th_schema_anchor_t *anchor =
        count_name(compiler) ? th_schema_allocate(compiler, 1, sizeof *anchor) : NULL;
    if (!anchor) return false;
    *anchor = (th_schema_anchor_t){node->resource->anchors, name, node, dynamic};
    node->resource->anchors = anchor;
    return true;
}

bool th_schema_identify(th_schema_compiler_t *compiler, th_schema_node_t *node,
                        th_schema_resource_t *parent) {
    th_json_value_t dialect = th_json_member(node->source, "$schema");
    th_json_value_t id = th_json_member(node->source, "$id");
    th_slice_t text;
    if (th_json_string(id, &text) && !enter_resource(compiler, node, id, text, parent))
        return false;
    if (!node->resource->root) node->resource->root = node;
    if (th_json_string(dialect, &text)) {
        uint8_t vocabularies = th_schema_dialect(compiler, dialect, text);
        if (!vocabularies) return false;
        node->resource->vocabularies = vocabularies;
    }
    return add_anchor(compiler, node, "$anchor", false) &&
           add_anchor(compiler, node, "$dynamicAnchor", true);
}

/* ---- resolving ---- */

static int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Percent-decoding, in place of <out> (as long as <text>). False on a bad escape. */
static bool decode_percent(th_slice_t text, char *out, size_t *length) {
    *length = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (c == '%') {
            if (text.length - i < 3) return false;
            int high = hex(text.data[i + 1]), low = hex(text.data[i + 2]);
            if (high < 0 || low < 0) return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        out[(*length)++] = c;
    }
    return true;
}

/* One token of a JSON pointer (RFC 6901), unescaped into <token>. False on a bad escape. */
static bool next_token(th_slice_t pointer, size_t *at, char *token, size_t *length) {
    *length = 0;
    for (++*at; *at < pointer.length && pointer.data[*at] != '/'; ++*at) {
        char c = pointer.data[*at];
        if (c == '~') {
            char digit = *at + 1 < pointer.length ? pointer.data[*at + 1] : '\0';
            if (digit != '0' && digit != '1') return false;
            c = digit == '0' ? '~' : '/';
            ++*at;
        }
        token[(*length)++] = c;
    }
    return true;
}

static th_json_value_t step(th_json_value_t value, th_slice_t token) {
    if (!th_json_is_array(value)) return th_json_get(value, token);
    size_t index = 0;
    if (token.length == 0 || token.length > 9 || (token.length > 1 && token.data[0] == '0'))
        return th_json_absent();
    for (size_t i = 0; i < token.length; i++) {
        if (token.data[i] < '0' || token.data[i] > '9') return th_json_absent();
        index = index * 10 + (size_t)(token.data[i] - '0');
    }
    return th_json_at(value, index);
}

/* The subschema at <pointer> below <node>; made when it stands where no keyword of ours looks. */
static const th_schema_node_t *follow_pointer(th_schema_compiler_t *compiler,
                                              const th_schema_node_t *node, th_slice_t pointer) {
    char token[TH_SCHEMA_MAX_URI];
    th_json_value_t value = node->source;
    th_schema_resource_t *resource = node->resource;
    for (size_t at = 0; at < pointer.length;) {
        size_t length;
        if (pointer.data[at] != '/' || !next_token(pointer, &at, token, &length)) return NULL;
        value = step(value, th_slice(token, length));
        const th_schema_node_t *passed = th_schema_node_find(compiler, value);
        if (passed) resource = passed->resource;
    }
    if (th_json_type(value) == TH_JSON_ABSENT) return NULL;
    return th_schema_node_make(compiler, value, resource);
}

/* Reads a built-in metaschema, if <uri> is one. False with the error set. */
static bool load_metaschema(th_schema_compiler_t *compiler, th_slice_t uri,
                            th_schema_resource_t **found) {
    th_slice_t text = th_schema_metaschema(uri);
    th_schema_t *schema = compiler->schema;
    if (text.length == 0) return true;
    if (schema->document_count == sizeof schema->documents / sizeof schema->documents[0])
        return th_error_set(compiler->error, "too_large", "too many metaschemas are referred to");
    th_json_parser_t *parser = th_json_parser_new();
    th_json_document_t *document =
        parser ? th_json_parse(parser, text, &th_json_limits_answer, compiler->error) : NULL;
    th_json_parser_free(parser);
    th_schema_resource_t *resource = th_schema_allocate(compiler, 1, sizeof *resource);
    if (!document || !resource) {
        th_json_unref(document);
        return th_error_set(compiler->error, "no_memory", "out of memory for a metaschema");
    }
    schema->documents[schema->document_count++] = document;
    resource->vocabularies = TH_VOCABULARY_ALL;
    resource->next = compiler->resources;
    compiler->resources = resource;
    if (!th_schema_node_make(compiler, th_json_root(document), resource)) return false;
    *found = resource;
    return true;
}

static bool refuse_reference(th_schema_compiler_t *compiler, const th_schema_pending_t *pending,
                             const char *why) {
    return th_schema_refuse(compiler, pending->value, "%s %s: %s",
                            pending->dynamic ? "`$dynamicRef`" : "`$ref`",
                            th_excerpt(pending->value).text, why);
}

static bool resolve_fragment(th_schema_compiler_t *compiler, const th_schema_pending_t *pending,
                             const th_schema_resource_t *resource, th_slice_t fragment) {
    char name[TH_SCHEMA_MAX_URI];
    size_t length;
    if (fragment.length > sizeof name || !decode_percent(fragment, name, &length))
        return refuse_reference(compiler, pending, "its fragment is malformed");
    th_slice_t decoded = th_slice(name, length);
    const th_schema_node_t *node = resource->root;
    if (length > 0 && name[0] == '/') {
        compiler->error->code[0] = '\0';
        node = follow_pointer(compiler, node, decoded);
        if (!node && compiler->error->code[0]) return false;
    } else if (length > 0) {
        node = th_schema_resource_anchor(resource, decoded, false);
        const th_schema_node_t *dynamic = th_schema_resource_anchor(resource, decoded, true);
        if (pending->dynamic && dynamic)
            for (const th_schema_anchor_t *anchor = resource->anchors; anchor;
                 anchor = anchor->next)
                if (anchor->node == dynamic && anchor->dynamic)
                    pending->reference->dynamic_name = anchor->name;
    }
    if (!node) return refuse_reference(compiler, pending, "there is nothing at that place");
    pending->reference->node = node;
    return true;
}

static bool resolve(th_schema_compiler_t *compiler, const th_schema_pending_t *pending) {
    char uri[TH_SCHEMA_MAX_URI];
    size_t length;
    th_slice_t text, fragment;
    th_schema_resource_t *own = pending->node->resource;
    if (!th_json_string(pending->value, &text)) return false;
    if (!th_schema_uri_resolve(own->uri, text, uri, &length, &fragment))
        return refuse_reference(compiler, pending, "it is too long");
    th_slice_t name = th_slice(uri, length);
    th_schema_resource_t *resource =
        th_slice_equal(name, own->uri) ? own : find_resource(compiler, name);
    if (!resource && !load_metaschema(compiler, name, &resource)) return false;
    if (!resource)
        return refuse_reference(compiler, pending,
                                "no schema in this document has that `$id`, and nothing is fetched "
                                "from elsewhere");
    return resolve_fragment(compiler, pending, resource, fragment);
}

bool th_schema_resolve_all(th_schema_compiler_t *compiler) {
    while (compiler->pending) { /* resolving may compile more, and so add more */
        const th_schema_pending_t *pending = compiler->pending;
        compiler->pending = pending->next;
        if (!resolve(compiler, pending)) return false;
    }
    return true;
}

TH_SCHEMA_COMPILE(th_compile_reference) {
    if (!th_json_is_string(value))
        return th_schema_refuse_type(compiler, keyword, value, "a string");
    th_schema_reference_t *reference = th_schema_allocate(compiler, 1, sizeof *reference);
    th_schema_pending_t *pending = th_schema_allocate(compiler, 1, sizeof *pending);
    if (!reference || !pending) return false;
    *pending = (th_schema_pending_t){.next = compiler->pending,
                                     .node = node,
                                     .reference = reference,
                                     .value = value,
                                     .dynamic = strcmp(keyword->name, "$dynamicRef") == 0};
    compiler->pending = pending;
    th_schema_rule_add(node, keyword, value)->as.reference = reference;
    return true;
}
