/* raw_path.c - a path as a model wrote it, taken apart and matched against the documented routes;
 * see routes.h. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "tallyfy/routes.h"

#define VALUE_MAX 255 /* an address is the longest */

typedef struct parts {
    th_slice_t list[TH_RAW_PARTS_MAX];
    size_t count;
} parts_t;

static bool refuse(th_error_t *error, const char *why) {
    return th_error_set(error, "bad_request",
                        "%s. Write the path plainly, such as /organizations/{org}/tags, and the "
                        "query in its own parameter.",
                        why);
}

static int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    int lower = tolower((unsigned char)digit);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* ---- taking apart ---- */

/* What may stand in a part once it is decoded: visible ASCII that no server reads as structure. */
static const char *byte_fault(unsigned char byte) {
    if (byte < 0x21 || byte > 0x7e)
        return "The path holds a blank, a control byte or a non-ASCII one";
    if (byte == '/') return "The path holds an encoded slash";
    if (byte == '\\') return "The path holds a backslash";
    if (byte == '%') return "The path is encoded twice";
    if (byte == '?') return "The path holds a query";
    if (byte == '#') return "The path holds a fragment";
    if (byte == ';') return "The path holds a ';'";
    return NULL;
}

static bool is_dots(th_slice_t part) {
    for (size_t i = 0; i < part.length; i++)
        if (part.data[i] != '.') return false;
    return true;
}

/* One part, decoded once, into <at>; the result is NUL-terminated there. */
static bool decode(th_slice_t part, char **at, th_slice_t *out, th_error_t *error) {
    char *begin = *at;
    for (size_t i = 0; i < part.length; i++) {
        char byte = part.data[i];
        if (byte == '%') {
            int high = i + 2 < part.length ? hex_value(part.data[i + 1]) : -1;
            int low = i + 2 < part.length ? hex_value(part.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return refuse(error, "The path holds a '%' that encodes nothing");
            byte = (char)(high * 16 + low);
            i += 2;
        }
        const char *fault = byte_fault((unsigned char)byte);
        if (fault) return refuse(error, fault);
        *(*at)++ = byte;
    }
    *out = th_slice(begin, (size_t)(*at - begin));
    *(*at)++ = '\0';
    if (is_dots(*out))
        return refuse(error, out->length ? "The path holds a dot segment"
                                         : "The path holds an empty segment");
    return true;
}

static bool take_apart(th_raw_path_t *raw, th_slice_t path, parts_t *parts, th_error_t *error) {
    char *at = raw->text;
    if (path.length == 0 || path.data[0] != '/')
        return refuse(error, "The path must begin with \"/\"");
    if (path.length > TH_RAW_PATH_MAX) return refuse(error, "The path is longer than 1024 bytes");
    size_t end =
        path.length > 1 && path.data[path.length - 1] == '/' ? path.length - 1 : path.length;
    for (size_t begin = 1; begin <= end;) {
        const char *slash = memchr(path.data + begin, '/', end - begin);
        size_t stop = slash ? (size_t)(slash - path.data) : end;
        if (parts->count == TH_RAW_PARTS_MAX)
            return refuse(error, "The path has more parts than any route");
        if (!decode(th_slice(path.data + begin, stop - begin), &at, &parts->list[parts->count],
                    error))
            return false;
        parts->count++;
        begin = stop + 1;
    }
    return true;
}

/* ---- matching ---- */

/* What a placeholder takes: its name says it. A word where an id belongs is no id, so that
 * /users/invite never means the user "invite". */
static bool fits(th_slice_t name, th_slice_t value) {
    static const char id_bytes[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    if (value.length > VALUE_MAX) return false;
    if (th_slice_is(name, "email")) return memchr(value.data, '@', value.length) != NULL;
    if (th_slice_is(name, "guest_id") || th_slice_is(name, "guest_code") ||
        th_slice_is(name, "key"))
        return true;
    if (value.length > 64 || strspn(value.data, id_bytes) < value.length) return false;
    if (th_slice_is(name, "user_id") || th_slice_is(name, "watcher_id"))
        return strspn(value.data, "0123456789") == value.length;
    /* hex ids, and integers of field values, keys and memberships: all have a digit */
    return strpbrk(value.data, "0123456789") != NULL;
}

static bool is_own(th_slice_t part, th_slice_t org) {
    return th_slice_is(part, "{org}") ||
           th_slice_equal_nocase(part, th_slice(org.data, org.length));
}

typedef enum match { MATCH_NO, MATCH_OTHER_ORG, MATCH_YES } match_t;

/* Part by part against one template; the values go into <raw>. */
static match_t match_route(th_raw_path_t *raw, const th_route_t *route, const parts_t *parts,
                           th_slice_t org) {
    const char *at = route->path;
    bool own = true;
    raw->value_count = 0;
    for (size_t i = 0; i < parts->count; i++) {
        if (*at != '/') return MATCH_NO;
        size_t length = strcspn(++at, "/");
        th_slice_t wanted = th_slice(at, length), part = parts->list[i];
        at += length;
        if (th_slice_is(wanted, "{org}")) {
            own = is_own(part, org);
        } else if (wanted.data[0] == '{') {
            th_slice_t name = th_slice(wanted.data + 1, wanted.length - 2);
            if (raw->value_count == TH_RAW_VALUES_MAX || !fits(name, part)) return MATCH_NO;
            raw->values[raw->value_count++] = (th_api_pair_t){name, part};
        } else if (!th_slice_equal_nocase(wanted, part)) {
            return MATCH_NO;
        }
    }
    if (*at) return MATCH_NO;
    return own ? MATCH_YES : MATCH_OTHER_ORG;
}

static unsigned method_bit(th_http_method_t method) {
    switch (method) {
    case TH_HTTP_GET: return TH_ROUTE_GET;
    case TH_HTTP_POST: return TH_ROUTE_POST;
    case TH_HTTP_PUT: return TH_ROUTE_PUT;
    case TH_HTTP_PATCH: return TH_ROUTE_PATCH;
    case TH_HTTP_DELETE: return TH_ROUTE_DELETE;
    case TH_HTTP_HEAD:
    case TH_HTTP_OPTIONS: break;
    }
    return 0;
}

/* The table's order makes the first one with the method the one that is meant. */
static bool find_route(th_raw_path_t *raw, unsigned bit, const parts_t *parts, th_slice_t org,
                       th_error_t *error) {
    unsigned others = 0;
    bool foreign = false;
    for (size_t i = 0; i < th_route_count; i++) {
        match_t match = match_route(raw, &th_routes[i], parts, org);
        if (match == MATCH_OTHER_ORG) foreign = true;
        if (match != MATCH_YES) continue;
        if (th_routes[i].methods & bit) {
            raw->route = &th_routes[i];
            return true;
        }
        others |= th_routes[i].methods;
    }
    if (others)
        return th_error_set(
            error, "not_found", "That route is there, but only for%s%s%s%s%s.",
            others & TH_ROUTE_GET ? " GET" : "", others & TH_ROUTE_POST ? " POST" : "",
            others & TH_ROUTE_PUT ? " PUT" : "", others & TH_ROUTE_PATCH ? " PATCH" : "",
            others & TH_ROUTE_DELETE ? " DELETE" : "");
    if (foreign)
        return th_error_set(error, "forbidden",
                            "The path names another organization; write {org}, which is yours.");
    return th_error_set(error, "not_found",
                        "There is no documented route with that path; ids and addresses must be in "
                        "it as they are. Routes begin with /organizations/{org}/ or are /me.");
}

bool th_raw_path_read(th_raw_path_t *raw, th_http_method_t method, th_slice_t path, th_slice_t org,
                      th_error_t *error) {
    parts_t parts = {.count = 0};
    raw->route = NULL;
    raw->value_count = 0;
    return take_apart(raw, path, &parts, error) &&
           find_route(raw, method_bit(method), &parts, org, error);
}
