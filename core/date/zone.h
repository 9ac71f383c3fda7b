/* zone.h - time zones from the system's tz database (TZif files), cached, never through the
 * process's TZ. A th_zones_t is a cache of one thread; zones live as long as it does. */
#ifndef TH_DATE_ZONE_H
#define TH_DATE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

typedef struct th_zone th_zone_t;
typedef struct th_zones th_zones_t;

/* At most 700 zones are cached. <directory> NULL = /usr/share/zoneinfo. NULL: out of memory. */
th_zones_t *th_zones_open(const char *directory);
void th_zones_close(th_zones_t *zones);
/* By IANA name ("Europe/Berlin", any case), NULL with <error> when there is none. Names are checked
 * before any file is opened: no path escapes. Blocking the first time for a name: a small local
 * file. */
const th_zone_t *th_zones_find(th_zones_t *zones, th_slice_t name, th_error_t *error);
const th_zone_t *th_zones_utc(th_zones_t *zones);
const char *th_zone_name(const th_zone_t *zone);

/* Offset from UTC in seconds at an instant, and the abbreviation ("CET"). */
int th_zone_offset_at(const th_zone_t *zone, int64_t instant, const char **abbreviation);

typedef enum th_local_kind { TH_LOCAL_UNIQUE, TH_LOCAL_GAP, TH_LOCAL_OVERLAP } th_local_kind_t;
/* The instant of a local time. In a gap the time moves forward by the gap; in an overlap the first
 * is taken,
 * <*later> the second. */
th_local_kind_t th_zone_instant_of(const th_zone_t *zone, int64_t local_seconds, int64_t *instant,
                                   int64_t *later);

#endif
