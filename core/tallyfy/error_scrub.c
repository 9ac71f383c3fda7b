/* error_scrub.c - keeps the API's internals and anything like a credential out of error texts.
 * The pattern is compiled on each use: errors are rare, and a compiled pattern would be shared
 * state. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>

#include "tallyfy/error_map.h"

#define WORTH_SHOWING 10 /* bytes: shorter rests of a sentence say nothing */
#define MATCH_STEPS 200000

/* What only code, databases and servers say. Plain words like "select" or "update" count only in
 * the company that makes them SQL: people's sentences use them too. */
static const char internals[] =
    "SQLSTATE"
    "|\\bSELECT\\b.{0,500}?\\bFROM\\b|(?i:\\bselect\\s[^.]{0,500}?\\sfrom\\s+[\"`\\[])"
    "|\\b(?:INSERT\\s+INTO|DELETE\\s+FROM)\\b|(?i:\\b(?:insert\\s+into|delete\\s+from)\\s+[\"`\\[])"
    "|\\bUPDATE\\b.{0,300}?\\bSET\\b|(?i:\\bupdate\\s+[\"`\\[])"
    "|\\b(?:ALTER|CREATE|DROP|TRUNCATE)\\s+TABLE\\b|(?i:\\b(?:alter|create|drop)\\s+table\\s+[\"`"
    "\\[])"
    "|\\b(?:Illuminate|Laravel|Symfony|Doctrine|App|Modules)\\\\|\\bLaravel\\b"
    "|\\b(?:PDO|Query|Error|Type|Logic|Runtime|BadMethodCall|ModelNotFound)Exception\\b"
    "|\\bPDO\\b|\\bEloquent\\b|\\bArtisan\\b"
    "|PHP (?:Fatal|Warning|Notice|Parse)|\\.php\\b|\\bvendor/|/var/www|/home/[a-z]"
    "|\\b(?:HINT|DETAIL|FATAL|CONTEXT|LINE \\d+|QUERY):"
    "|(?i:\\bstack\\s*trace\\b)|Traceback \\(most recent|File \"[^\"]*\", line|#\\d+ [/{\\w]"
    "|\\bCall to (?:undefined|a member|private|protected)|\\bUndefined "
    "(?:variable|index|array|property|offset|method)"
    "|\\bTrying to (?:get|access)|\\bAttempt to read property|\\bmust be of type\\b|\\bNo query "
    "results for model\\b"
    "|\\(Connection: |\\bconnection to server\\b|\\bHost: \\S+, Port:|\\bportal \""
    "|(?i:<!doctype|<html|<body|<script|<head)";

/* Bearer lines and JSON Web Tokens. */
static const char credentials[] =
    "(?i:\\bbearer\\s+)[\\w.~+/=-]{6,}|\\beyJ[\\w-]{8,}(?:\\.[\\w-]*){0,2}";

/* The first match at or behind <from>; false when there is none. A pattern that cannot be run
 * counts as a match at the start: better no text than a leak. */
static bool find(const char *pattern, const char *text, size_t from, size_t *begin, size_t *end) {
    *begin = from;
    *end = strlen(text);
    int problem;
    PCRE2_SIZE where;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_DOTALL,
                                     &problem, &where, NULL);
    pcre2_match_data *match = code ? pcre2_match_data_create_from_pattern(code, NULL) : NULL;
    pcre2_match_context *context = match ? pcre2_match_context_create(NULL) : NULL;
    int found = 0;
    if (context) {
        pcre2_set_match_limit(context, MATCH_STEPS);
        found = pcre2_match(code, (PCRE2_SPTR)text, strlen(text), from, 0, match, context);
        if (found > 0) {
            *begin = pcre2_get_ovector_pointer(match)[0];
            *end = pcre2_get_ovector_pointer(match)[1];
        }
    }
    pcre2_match_context_free(context);
    pcre2_match_data_free(match);
    pcre2_code_free(code);
    return found != PCRE2_ERROR_NOMATCH;
}

static void mask_credentials(char *text) {
    size_t begin, end, from = 0;
    while (text[from] && find(credentials, text, from, &begin, &end) && end > from) {
        memset(text + begin, '*', end - begin);
        from = end;
    }
}

static void replace_control_bytes(char *text) {
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) *text = ' ';
    }
}

/* Cuts spaces, dashes (also an em dash), colons, commas and opening brackets off the end. */
static void trim_end(char *text) {
    size_t length = strlen(text);
    while (length > 0) {
        if (strchr(" \t\r\n-:,([{\"'", text[length - 1])) {
            length--;
        } else if (length >= 3 && memcmp(text + length - 3, "\xe2\x80", 2) == 0 &&
                   (text[length - 1] == '\x93' || text[length - 1] == '\x94')) {
            length -= 3;
        } else {
            break;
        }
    }
    text[length] = '\0';
}

bool th_error_scrub(char *text) {
    size_t begin, end;
    if (find(internals, text, 0, &begin, &end)) {
        text[begin] = '\0';
        trim_end(text);
        if (strlen(text) <= WORTH_SHOWING) text[0] = '\0';
    }
    mask_credentials(text);
    replace_control_bytes(text);
    return text[0] != '\0';
}

bool th_error_copy(char *out, size_t size, th_slice_t text) {
    size_t length = text.length;
    bool whole = length < size;
    if (!whole) {
        length = size - 1;
        while (length > 0 && ((unsigned char)text.data[length] & 0xc0) == 0x80)
            length--;
    }
    if (length) memcpy(out, text.data, length);
    out[length] = '\0';
    /* A NUL inside would end the text early for those who read it as a C string: make that
     * explicit. */
    for (size_t i = 0; i < length; i++) {
        if (out[i] == '\0') out[i] = ' ';
    }
    return whole;
}
