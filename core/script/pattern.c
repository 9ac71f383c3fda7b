/* pattern.c - the matcher. One function per kind of pattern item; match() walks the pattern. */
#include "script/pattern.h"

#include <ctype.h>
#include <string.h>

static const char *match(th_pattern_t *m, const char *s, const char *p);

static const char *fail(th_pattern_t *m, const char *failure) {
    if (!m->failure) m->failure = failure;
    return NULL;
}

static bool spend(th_pattern_t *m, uint64_t steps) {
    if (m->failure) return false;
    if (m->steps_left < steps) {
        m->steps_left = 0;
        m->exhausted = true;
        fail(m, "it takes too many steps");
        return false;
    }
    m->steps_left -= steps;
    return true;
}

/* The end of the single item (character, class or set) that starts at <p>; NULL when it is cut off.
 */
static const char *item_end(th_pattern_t *m, const char *p) {
    if (*p == '%') {
        if (p + 1 == m->pattern_end) return fail(m, "malformed pattern (ends with '%')");
        return p + 2;
    }
    if (*p != '[') return p + 1;
    p++;
    if (p < m->pattern_end && *p == '^') p++;
    do { /* a ']' that comes first is an ordinary member */
        if (p == m->pattern_end) return fail(m, "malformed pattern (missing ']')");
        if (*p++ == '%') {
            if (p == m->pattern_end) return fail(m, "malformed pattern (missing ']')");
            p++;
        }
        if (p == m->pattern_end) return fail(m, "malformed pattern (missing ']')");
    } while (*p != ']');
    return p + 1;
}

/* Is <c> in the class named by <letter> (%a, %D ...)? Any other letter stands for itself. */
static bool in_class(int c, int letter) {
    bool member;
    switch (tolower(letter)) {
    case 'a': member = isalpha(c); break;
    case 'c': member = iscntrl(c); break;
    case 'd': member = isdigit(c); break;
    case 'g': member = isgraph(c); break;
    case 'l': member = islower(c); break;
    case 'p': member = ispunct(c); break;
    case 's': member = isspace(c); break;
    case 'u': member = isupper(c); break;
    case 'w': member = isalnum(c); break;
    case 'x': member = isxdigit(c); break;
    case 'z': member = c == 0; break; /* of old; Lua still knows it */
    default: return letter == c;
    }
    return isupper(letter) ? !member : member;
}

/* Is <c> in the set from '[' at <p> to behind its ']' at <end>? */
static bool in_set(th_pattern_t *m, int c, const char *p, const char *end) {
    const char *last = end - 1; /* the ']' */
    bool wanted = true;
    p++;
    if (*p == '^') {
        wanted = false;
        p++;
    }
    if (!spend(m, (uint64_t)(last - p))) return false;
    while (p < last) {
        if (*p == '%') {
            if (in_class(c, (unsigned char)p[1])) return wanted;
            p += 2;
        } else if (p + 2 < last && p[1] == '-') {
            if ((unsigned char)p[0] <= c && c <= (unsigned char)p[2]) return wanted;
            p += 3;
        } else {
            if ((unsigned char)*p == c) return wanted;
            p++;
        }
    }
    return !wanted;
}

/* Does the item [p, end) match the character at <s>? */
static bool matches_one(th_pattern_t *m, const char *s, const char *p, const char *end) {
    if (s >= m->subject_end || !spend(m, 1)) return false;
    int c = (unsigned char)*s;
    switch (*p) {
    case '.': return true;
    case '%': return in_class(c, (unsigned char)p[1]);
    case '[': return in_set(m, c, p, end);
    default: return (unsigned char)*p == c;
    }
}

static const char *match_balance(th_pattern_t *m, const char *s, const char *p) {
    if (m->pattern_end - p < 2) return fail(m, "malformed pattern (missing arguments to '%b')");
    if (s >= m->subject_end || *s != *p) return NULL;
    char open = p[0], close = p[1];
    uint64_t level = 1;
    while (++s < m->subject_end) {
        if (!spend(m, 1)) return NULL;
        if (*s == close) {
            if (--level == 0) return s + 1;
        } else if (*s == open) {
            level++;
        }
    }
    return NULL;
}

/* As many as possible, then fewer until the rest matches. */
static const char *match_greedy(th_pattern_t *m, const char *s, const char *p, const char *end) {
    ptrdiff_t count = 0;
    while (matches_one(m, s + count, p, end))
        count++;
    for (; count >= 0 && !m->failure; count--) {
        const char *matched = match(m, s + count, end + 1);
        if (matched) return matched;
    }
    return NULL;
}

/* As few as possible, then more until the rest matches. */
static const char *match_lazy(th_pattern_t *m, const char *s, const char *p, const char *end) {
    for (;;) {
        const char *matched = match(m, s, end + 1);
        if (matched || m->failure) return matched;
        if (!matches_one(m, s, p, end)) return NULL;
        s++;
    }
}

static const char *open_capture(th_pattern_t *m, const char *s, const char *p, ptrdiff_t kind) {
    if (m->captured >= TH_PATTERN_CAPTURES) return fail(m, "too many captures");
    m->captures[m->captured] = (th_pattern_capture_t){s, kind};
    m->captured++;
    const char *matched = match(m, s, p);
    if (!matched) m->captured--;
    return matched;
}

static const char *close_capture(th_pattern_t *m, const char *s, const char *p) {
    int i = m->captured - 1;
    while (i >= 0 && m->captures[i].length != TH_PATTERN_OPEN)
        i--;
    if (i < 0) return fail(m, "invalid pattern capture");
    m->captures[i].length = s - m->captures[i].start;
    const char *matched = match(m, s, p);
    if (!matched) m->captures[i].length = TH_PATTERN_OPEN;
    return matched;
}

/* %1 to %9: the text of an earlier capture again. */
static const char *match_again(th_pattern_t *m, const char *s, char digit) {
    int i = digit - '1';
    if (i < 0 || i >= m->captured || m->captures[i].length == TH_PATTERN_OPEN) {
        return fail(m, "invalid capture index");
    }
    if (m->captures[i].length == TH_PATTERN_POSITION) return fail(m, "invalid capture index");
    size_t length = (size_t)m->captures[i].length;
    if (!spend(m, length / 8 + 1)) return NULL;
    if ((size_t)(m->subject_end - s) < length) return NULL;
    return memcmp(m->captures[i].start, s, length) == 0 ? s + length : NULL;
}

/* %f[set]: between a character outside the set and one inside; the ends count as '\0'. */
static bool at_frontier(th_pattern_t *m, const char *s, const char *set, const char *end) {
    int before = s == m->subject ? 0 : (unsigned char)s[-1];
    int here = s == m->subject_end ? 0 : (unsigned char)*s;
    return !in_set(m, before, set, end) && in_set(m, here, set, end);
}

/* A single item with what stands behind it. Sets <*s> and <*p> and returns true to go on from
 * there; otherwise <*matched> is the answer. */
static bool match_item(th_pattern_t *m, const char **s, const char **p, const char **matched) {
    *matched = NULL;
    const char *end = item_end(m, *p);
    if (!end) return false;
    char suffix = end < m->pattern_end ? *end : '\0';
    switch (suffix) {
    case '*': *matched = match_greedy(m, *s, *p, end); return false;
    case '-': *matched = match_lazy(m, *s, *p, end); return false;
    case '+':
        if (matches_one(m, *s, *p, end)) *matched = match_greedy(m, *s + 1, *p, end);
        return false;
    case '?':
        if (matches_one(m, *s, *p, end) && (*matched = match(m, *s + 1, end + 1))) return false;
        *p = end + 1;
        return !m->failure;
    default:
        if (!matches_one(m, *s, *p, end)) return false;
        *s += 1;
        *p = end;
        return true;
    }
}

/* The items that begin with '%' and are no character class. True when it was one: then <*s> is
 * where it ended, or NULL, and <*p> is behind it. */
static bool match_escape(th_pattern_t *m, const char **s, const char **p) {
    const char *item = *p;
    if (item + 1 >= m->pattern_end) return false;
    if (item[1] == 'b') {
        *s = match_balance(m, *s, item + 2);
        *p = item + 4;
        return true;
    }
    if (item[1] == 'f') {
        const char *set = item + 2;
        const char *end = NULL;
        if (set >= m->pattern_end || *set != '[') {
            fail(m, "missing '[' after '%f' in pattern");
        } else {
            end = item_end(m, set);
        }
        if (!end || !at_frontier(m, *s, set, end)) *s = NULL;
        *p = end;
        return true;
    }
    if (isdigit((unsigned char)item[1])) {
        *s = match_again(m, *s, item[1]);
        *p = item + 2;
        return true;
    }
    return false;
}

static const char *walk(th_pattern_t *m, const char *s, const char *p) {
    while (p < m->pattern_end) {
        if (*p == '(') {
            bool position = p + 1 < m->pattern_end && p[1] == ')';
            return position ? open_capture(m, s, p + 2, TH_PATTERN_POSITION)
                            : open_capture(m, s, p + 1, TH_PATTERN_OPEN);
        }
        if (*p == ')') return close_capture(m, s, p + 1);
        if (*p == '$' && p + 1 == m->pattern_end) return s == m->subject_end ? s : NULL;
        if (*p == '%' && match_escape(m, &s, &p)) {
            if (!s || m->failure) return NULL;
            continue;
        }
        const char *matched;
        if (!match_item(m, &s, &p, &matched)) return matched;
    }
    return s;
}

static const char *match(th_pattern_t *m, const char *s, const char *p) {
    if (m->failure || !spend(m, 1)) return NULL;
    if (m->depth >= TH_PATTERN_DEPTH) return fail(m, "pattern too complex");
    m->depth++;
    const char *matched = walk(m, s, p);
    m->depth--;
    return matched;
}

void th_pattern_init(th_pattern_t *matcher, th_slice_t subject, th_slice_t pattern,
                     uint64_t steps) {
    memset(matcher, 0, offsetof(th_pattern_t, captures));
    matcher->failure = NULL;
    matcher->exhausted = false;
    matcher->subject = subject.data;
    matcher->subject_end = subject.data + subject.length;
    matcher->pattern = pattern.data;
    matcher->pattern_end = pattern.data + pattern.length;
    matcher->steps_left = steps;
}

const char *th_pattern_match_at(th_pattern_t *matcher, const char *at) {
    matcher->captured = 0;
    matcher->depth = 0;
    const char *end = match(matcher, at, matcher->pattern);
    if (!end || matcher->failure) return NULL;
    for (int i = 0; i < matcher->captured; i++) {
        if (matcher->captures[i].length == TH_PATTERN_OPEN)
            return fail(matcher, "unfinished capture");
    }
    return end;
}

bool th_pattern_has_specials(th_slice_t pattern) {
    for (size_t i = 0; i < pattern.length; i++) {
        if (pattern.data[i] != '\0' && strchr("^$*+?.([%-", pattern.data[i])) return true;
    }
    return false;
}
