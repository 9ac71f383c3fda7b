/* schema_format.h - the formats of JSON Schema 2020-12 (validation 7.3), each a function of the
 * text alone. For the schema_*.c files of this folder. */
#ifndef TH_JSON_SCHEMA_FORMAT_H
#define TH_JSON_SCHEMA_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "json/schema_regex.h"

#define TH_IDN_MAX_LABEL 63 /* characters */

/* What names with non-ASCII characters are judged with. */
typedef struct th_idn {
    const th_regex_t *label, *right_to_left, *bidi;
    th_regex_scratch_t *scratch;
} th_idn_t;

/* Text is valid UTF-8 and may hold NUL. True when it obeys. */
bool th_format_date(th_slice_t text);      /* RFC 3339 full-date */
bool th_format_time(th_slice_t text);      /* RFC 3339 full-time, leap seconds included */
bool th_format_date_time(th_slice_t text); /* RFC 3339 date-time */
bool th_format_duration(th_slice_t text);  /* RFC 3339 appendix A */

bool th_format_email(th_slice_t text, const th_idn_t *idn);        /* RFC 5321 Mailbox */
bool th_format_idn_email(th_slice_t text, const th_idn_t *idn);    /* RFC 6531 Mailbox */
bool th_format_hostname(th_slice_t text, const th_idn_t *idn);     /* RFC 1123, RFC 5890 A-labels */
bool th_format_idn_hostname(th_slice_t text, const th_idn_t *idn); /* RFC 5890 */

bool th_format_ipv4(th_slice_t text); /* RFC 2673 3.2 */
bool th_format_ipv6(th_slice_t text); /* RFC 4291 2.2 */

bool th_format_uri(th_slice_t text);           /* RFC 3986 */
bool th_format_uri_reference(th_slice_t text); /* RFC 3986 */
bool th_format_iri(th_slice_t text);           /* RFC 3987 */
bool th_format_iri_reference(th_slice_t text); /* RFC 3987 */
bool th_format_uri_template(th_slice_t text);  /* RFC 6570 */

bool th_format_uuid(th_slice_t text);                  /* RFC 4122 */
bool th_format_json_pointer(th_slice_t text);          /* RFC 6901 5 */
bool th_format_relative_json_pointer(th_slice_t text); /* draft-handrews-relative-json-pointer-01 */
bool th_format_regex(th_slice_t text);                 /* ECMA-262 */

/* In schema_format_idn.c: patterns in PCRE2's syntax, to be compiled into a th_idn_t, and one label
 * of <count> code points (at most TH_IDN_MAX_LABEL) against them. */
extern const char th_idn_label_pattern[], th_idn_right_to_left_pattern[], th_idn_bidi_pattern[];
bool th_idn_label_valid(const th_idn_t *idn, const uint32_t *code, size_t count);
bool th_idn_is_right_to_left(const th_idn_t *idn, const uint32_t *code, size_t count);
bool th_idn_obeys_bidi(const th_idn_t *idn, const uint32_t *code, size_t count);

/* An A-label's part behind "xn--" (RFC 3492); false when malformed or over <room>. */
bool th_punycode_decode(th_slice_t text, uint32_t *code, size_t room, size_t *count);
/* The other way; at most TH_PUNYCODE_SIZE bytes for TH_IDN_MAX_LABEL code points. No NUL. */
#define TH_PUNYCODE_SIZE (1 + 8 * TH_IDN_MAX_LABEL)
size_t th_punycode_encode(const uint32_t *code, size_t count, char *out);

/* Reads the code point at text[*at] and moves on. */
uint32_t th_utf8_next(th_slice_t text, size_t *at);
/* Writes a code point (at most 4 bytes); returns how many. */
size_t th_utf8_put(uint32_t code, char *out);

#endif
