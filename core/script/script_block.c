/* script_block.c - content blocks as scripts give them, checked and written in the newest
 * revision's form: text, image, audio, resource, resource_link; and the contents of a resource and
 * the messages of a prompt, which are made of the same. Every member is looked at, so that a
 * misspelt one is found here and not by a client. */
#include <stdio.h>
#include <string.h>

#include "script/script_internal.h"

typedef enum member_kind {
    MEMBER_TEXT,
    MEMBER_BASE64,
    MEMBER_URI,
    MEMBER_SIZE,
    MEMBER_OBJECT,
    MEMBER_LIST,
    MEMBER_ANNOTATIONS,
    MEMBER_RESOURCE,
} member_kind_t;

typedef struct member {
    const char *name;  /* the protocol's */
    const char *alias; /* the words', or NULL */
    member_kind_t kind;
    bool required;
} member_t;

#define MEMBERS_OF_EVERY_BLOCK                          \
    {"annotations", NULL, MEMBER_ANNOTATIONS, false}, { \
        "_meta", "meta", MEMBER_OBJECT, false           \
    }

static const member_t text_members[] = {{"text", NULL, MEMBER_TEXT, true}, MEMBERS_OF_EVERY_BLOCK};
static const member_t media_members[] = {{"data", NULL, MEMBER_BASE64, true},
                                         {"mimeType", "mime", MEMBER_TEXT, true},
                                         MEMBERS_OF_EVERY_BLOCK};
static const member_t resource_members[] = {{"resource", NULL, MEMBER_RESOURCE, true},
                                            MEMBERS_OF_EVERY_BLOCK};
static const member_t link_members[] = {
    {"uri", NULL, MEMBER_URI, true},          {"name", NULL, MEMBER_TEXT, true},
    {"title", NULL, MEMBER_TEXT, false},      {"description", "about", MEMBER_TEXT, false},
    {"mimeType", "mime", MEMBER_TEXT, false}, {"size", NULL, MEMBER_SIZE, false},
    {"icons", NULL, MEMBER_LIST, false},      MEMBERS_OF_EVERY_BLOCK};
static const member_t annotation_members[] = {
    {"audience", NULL, MEMBER_LIST, false},
    {"priority", NULL, MEMBER_SIZE, false},
    {"lastModified", "last_modified", MEMBER_TEXT, false}};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static bool is_base64(th_slice_t text) {
    size_t length = text.length;
    if (length % 4 != 0) return false;
    for (int i = 0; i < 2 && length > 0 && text.data[length - 1] == '='; i++)
        length--;
    for (size_t i = 0; i < length; i++) {
        char c = text.data[i];
        bool good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                    c == '+' || c == '/';
        if (!good) return false;
    }
    return true;
}

static bool is_uri(th_slice_t text) {
    size_t i = 0;
    while (i < text.length && text.data[i] != ':')
        i++;
    if (i == 0 || i + 1 >= text.length) return false;
    for (i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] <= ' ' || text.data[i] == 0x7f) return false;
    return true;
}

static bool write_members(th_json_writer_t *writer, th_json_value_t object, const member_t *members,
                          size_t count, const char *where, th_error_t *error);

static bool write_annotations(th_json_writer_t *writer, th_json_value_t value, const char *where,
                              th_error_t *error) {
    double priority = 0;
    th_json_value_t given = th_json_member(value, "priority");
    bool fine = th_json_type(given) == TH_JSON_ABSENT ||
                (th_json_number(given, &priority) && priority >= 0 && priority <= 1);
    if (!fine)
        return th_error_set(error, "bad_content", "%s: annotations.priority must be from 0 to 1",
                            where);
    th_json_iterator_t each = th_json_iterate(th_json_member(value, "audience"));
    while (th_json_next(&each)) {
        th_slice_t who = {NULL, 0};
        th_json_string(each.value, &who);
        if (!th_slice_is(who, "user") && !th_slice_is(who, "assistant"))
            return th_error_set(error, "bad_content",
                                "%s: annotations.audience is made of \"user\" and \"assistant\"",
                                where);
    }
    th_json_write_object(writer);
    if (!write_members(writer, value, annotation_members, COUNT(annotation_members), where, error))
        return false;
    th_json_write_end(writer);
    return true;
}

/* NULL, or what the member must be. */
static const char *fault_of(th_json_value_t value, member_kind_t kind) {
    th_slice_t text = {NULL, 0};
    double number = 0;
    bool is_text = th_json_string(value, &text);
    switch (kind) {
    case MEMBER_TEXT: return is_text ? NULL : "a text";
    case MEMBER_BASE64: return is_text && is_base64(text) ? NULL : "base64 text";
    case MEMBER_URI: return is_text && is_uri(text) ? NULL : "a URI";
    case MEMBER_SIZE:
        return th_json_number(value, &number) && number >= 0 ? NULL : "a number from 0";
    case MEMBER_LIST: return th_json_is_array(value) ? NULL : "a list";
    case MEMBER_OBJECT:
    case MEMBER_ANNOTATIONS:
    case MEMBER_RESOURCE: return th_json_is_object(value) ? NULL : "a table with names";
    }
    return "something else";
}

static bool write_member(th_json_writer_t *writer, th_json_value_t value, const member_t *member,
                         const char *where, th_error_t *error) {
    const char *fault = fault_of(value, member->kind);
    if (fault)
        return th_error_set(error, "bad_content", "%s: %s must be %s", where, member->name, fault);
    th_json_write_key(writer, th_slice_of(member->name));
    if (member->kind == MEMBER_ANNOTATIONS) return write_annotations(writer, value, where, error);
    if (member->kind == MEMBER_RESOURCE)
        return th_block_write_contents(writer, value, th_slice(NULL, 0), "", where, error);
    th_json_write_value(writer, value);
    return true;
}

static bool is_known(th_slice_t name, const member_t *members, size_t count) {
    if (th_slice_is(name, "type")) return true;
    for (size_t i = 0; i < count; i++) {
        if (th_slice_is(name, members[i].name)) return true;
        if (members[i].alias && th_slice_is(name, members[i].alias)) return true;
    }
    return false;
}

/* In the order of <members>, inside an object that is open. */
static bool write_members(th_json_writer_t *writer, th_json_value_t object, const member_t *members,
                          size_t count, const char *where, th_error_t *error) {
    th_json_iterator_t each = th_json_iterate(object);
    while (th_json_next(&each))
        if (!is_known(each.key, members, count))
            return th_error_set(error, "bad_content", "%s: %.*s is unknown here", where,
                                (int)(each.key.length > 40 ? 40 : each.key.length), each.key.data);
    for (size_t i = 0; i < count; i++) {
        const member_t *member = &members[i];
        th_json_value_t value = th_json_member(object, member->name);
        if (th_json_type(value) == TH_JSON_ABSENT && member->alias)
            value = th_json_member(object, member->alias);
        if (th_json_type(value) == TH_JSON_ABSENT) {
            if (!member->required) continue;
            return th_error_set(error, "bad_content", "%s: %s is missing", where, member->name);
        }
        if (!write_member(writer, value, member, where, error)) return false;
    }
    return true;
}

bool th_block_write(th_json_writer_t *writer, th_json_value_t block, const char *where,
                    th_error_t *error) {
    static const struct {
        const char *type;
        const member_t *members;
        size_t count;
    } kinds[] = {{"text", text_members, COUNT(text_members)},
                 {"image", media_members, COUNT(media_members)},
                 {"audio", media_members, COUNT(media_members)},
                 {"resource", resource_members, COUNT(resource_members)},
                 {"resource_link", link_members, COUNT(link_members)}};
    th_slice_t type = {NULL, 0};
    if (!th_json_is_object(block))
        return th_error_set(error, "bad_content", "%s is no content block", where);
    th_json_string(th_json_member(block, "type"), &type);
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (!th_slice_is(type, kinds[i].type)) continue;
        th_json_write_object(writer);
        th_json_write_member_text(writer, "type", kinds[i].type);
        if (!write_members(writer, block, kinds[i].members, kinds[i].count, where, error))
            return false;
        th_json_write_end(writer);
        return true;
    }
    return th_error_set(error, "bad_content",
                        "%s: its type must be text, image, audio, resource or resource_link",
                        where);
}

bool th_block_write_contents(th_json_writer_t *writer, th_json_value_t contents, th_slice_t uri,
                             const char *mime, const char *where, th_error_t *error) {
    static const member_t members[] = {{"uri", NULL, MEMBER_URI, false},
                                       {"mimeType", "mime", MEMBER_TEXT, false},
                                       {"text", NULL, MEMBER_TEXT, false},
                                       {"blob", NULL, MEMBER_BASE64, false},
                                       {"_meta", "meta", MEMBER_OBJECT, false}};
    bool has_text = th_json_type(th_json_member(contents, "text")) != TH_JSON_ABSENT;
    bool has_blob = th_json_type(th_json_member(contents, "blob")) != TH_JSON_ABSENT;
    bool has_mime = th_json_type(th_json_member(contents, "mimeType")) != TH_JSON_ABSENT ||
                    th_json_type(th_json_member(contents, "mime")) != TH_JSON_ABSENT;
    bool has_uri = th_json_type(th_json_member(contents, "uri")) != TH_JSON_ABSENT;
    if (has_text == has_blob)
        return th_error_set(error, "bad_content", "%s needs text or blob (base64): one of them",
                            where);
    if (!has_uri && !uri.data)
        return th_error_set(error, "bad_content", "%s: uri is missing", where);
    th_json_write_object(writer);
    if (!has_uri) th_json_write_member_string(writer, "uri", uri);
    if (!has_mime && mime[0]) th_json_write_member_text(writer, "mimeType", mime);
    if (!write_members(writer, contents, members, COUNT(members), where, error)) return false;
    th_json_write_end(writer);
    return true;
}

/* ---- messages ---- */

static void write_text_block(th_json_writer_t *writer, th_json_value_t text) {
    th_json_write_object(writer);
    th_json_write_member_text(writer, "type", "text");
    th_json_write_member_value(writer, "text", text);
    th_json_write_end(writer);
}

/* A text, { role =, text = }, or { role =, content = text or block }. */
static bool write_message(th_json_writer_t *writer, th_json_value_t message, const char *where,
                          th_error_t *error) {
    static const member_t members[] = {{"role", NULL, MEMBER_TEXT, false},
                                       {"text", NULL, MEMBER_TEXT, false},
                                       {"content", NULL, MEMBER_OBJECT, false}};
    th_slice_t role = TH_SLICE("user");
    th_json_value_t content = message;
    if (th_json_is_object(message)) {
        th_json_iterator_t each = th_json_iterate(message);
        while (th_json_next(&each))
            if (!is_known(each.key, members, COUNT(members)) || th_slice_is(each.key, "type"))
                return th_error_set(error, "bad_content", "%s has role, and text or content",
                                    where);
        th_json_string(th_json_member(message, "role"), &role);
        content = th_json_member(message, "text");
        if (th_json_type(content) == TH_JSON_ABSENT) content = th_json_member(message, "content");
    }
    if (!th_slice_is(role, "user") && !th_slice_is(role, "assistant"))
        return th_error_set(error, "bad_content", "%s: role must be \"user\" or \"assistant\"",
                            where);
    th_json_write_object(writer);
    th_json_write_member_string(writer, "role", role);
    th_json_write_key(writer, TH_SLICE("content"));
    if (th_json_is_string(content))
        write_text_block(writer, content);
    else if (!th_block_write(writer, content, where, error))
        return false;
    th_json_write_end(writer);
    return true;
}

bool th_messages_write(th_json_writer_t *writer, th_json_value_t list, th_error_t *error) {
    if (!th_json_is_array(list) || th_json_count(list) == 0)
        return th_error_set(error, "bad_content", "messages must be a list of at least one");
    th_json_iterator_t each = th_json_iterate(list);
    for (unsigned number = 1; th_json_next(&each); number++) {
        char where[32];
        (void)snprintf(where, sizeof where, "message %u", number);
        if (!write_message(writer, each.value, where, error)) return false;
    }
    return true;
}
