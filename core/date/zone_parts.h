/* zone_parts.h - what a time zone is inside: shared by zone*.c only.
 * A zone is its file's list of transitions and, behind the last one, a rule that goes on for ever.
 */
#ifndef TH_DATE_ZONE_PARTS_H
#define TH_DATE_ZONE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "date/zone.h"

#define TH_ZONE_NAME_MAX 64
#define TH_ZONE_ABBREVIATION_MAX 12

/* When a rule changes: POSIX "Mm.w.d", "Jn" or "n", and seconds after local midnight. */
typedef struct th_zone_change {
    char kind; /* 'M', 'J' or '0' */
    int month, week, day;
    int seconds;
} th_zone_change_t;

/* The TZ string at the end of a TZif file (RFC 8536 3.3, POSIX.1 8.3 with hours to 167). */
typedef struct th_zone_rule {
    bool present, has_summer;
    int offset, summer_offset; /* seconds east of UTC */
    char name[TH_ZONE_ABBREVIATION_MAX], summer_name[TH_ZONE_ABBREVIATION_MAX];
    th_zone_change_t begin, end; /* of summer time */
} th_zone_rule_t;

typedef struct th_zone_type {
    int offset;
    char name[TH_ZONE_ABBREVIATION_MAX];
} th_zone_type_t;

struct th_zone {
    char name[TH_ZONE_NAME_MAX];
    size_t transition_count, type_count;
    int64_t *transitions;  /* owned; ascending */
    unsigned char *kinds;  /* owned; transition -> type */
    th_zone_type_t *types; /* owned; the first one holds before all transitions */
    th_zone_rule_t rule;
};

/* False when <text> is not a TZ string. */
bool th_zone_rule_parse(th_zone_rule_t *rule, const char *text, size_t length);
int th_zone_rule_offset_at(const th_zone_rule_t *rule, int64_t instant, const char **name);

/* Reads the bytes of a TZif file, version 2 or later. Bounds are checked everywhere: the file is
 * data. */
bool th_zone_file_parse(th_zone_t *zone, const unsigned char *data, size_t size);
void th_zone_file_free(th_zone_t *zone);

#endif
