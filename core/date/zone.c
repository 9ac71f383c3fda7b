/* zone.c - the cache of zones, finding one by name whatever its case, and questions to a zone. */
#include "date/zone.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/table.h"
#include "date/zone_parts.h"

#define ZONES_MAX 700
#define FILE_MAX (256 * 1024)
#define PATH_SIZE 512

struct th_zones {
    char directory[PATH_SIZE - TH_ZONE_NAME_MAX - 2];
    th_table_t *by_name; /* lower-case name -> zone, owned here */
    th_zone_t utc;
};

static const th_zone_type_t utc_type = {0, "UTC"};

th_zones_t *th_zones_open(const char *directory) {
    th_zones_t *zones = calloc(1, sizeof(*zones));
    if (!zones) return NULL;
    if (!directory) directory = "/usr/share/zoneinfo";
    int length = snprintf(zones->directory, sizeof(zones->directory), "%s", directory);
    zones->by_name = th_table_new(ZONES_MAX);
    if (!zones->by_name || length < 0 || (size_t)length >= sizeof(zones->directory)) {
        th_zones_close(zones);
        return NULL;
    }
    (void)snprintf(zones->utc.name, sizeof(zones->utc.name), "UTC");
    return zones;
}

static bool free_zone(th_slice_t key, void *value, void *arg) {
    (void)key, (void)arg;
    th_zone_file_free(value);
    free(value);
    return true;
}

void th_zones_close(th_zones_t *zones) {
    if (!zones) return;
    if (zones->by_name) th_table_each(zones->by_name, free_zone, NULL);
    th_table_free(zones->by_name);
    free(zones);
}

/* The file as bytes, or NULL. */
static unsigned char *read_file(const char *path, size_t *size) {
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return NULL;
    struct stat about;
    unsigned char *data = NULL;
    if (fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0 &&
        about.st_size <= FILE_MAX && (data = malloc((size_t)about.st_size)) != NULL) {
        size_t got = 0;
        ssize_t step;
        while (got < (size_t)about.st_size &&
               (step = read(file, data + got, (size_t)about.st_size - got)) > 0)
            got += (size_t)step;
        *size = got;
    }
    close(file);
    return data;
}

/* Letters, digits, '_', '+', '-' and single '/' between parts; nothing that could leave the
 * directory. */
static bool name_is_safe(th_slice_t name) {
    if (name.length == 0 || name.length >= TH_ZONE_NAME_MAX) return false;
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool slash = c == '/' && i > 0 && i + 1 < name.length && name.data[i - 1] != '/';
        if (!letter && !slash && !(c >= '0' && c <= '9') && c != '_' && c != '+' && c != '-')
            return false;
    }
    return true;
}

/* Rewrites the <length> bytes of <part> at the end of <path> as the directory spells them. */
static bool respell(const char *path, char *part, size_t length) {
    DIR *directory = opendir(path);
    if (!directory) return false;
    bool found = false;
    struct dirent *entry;
    while (!found && (entry = readdir(directory)) != NULL) {
        found = strlen(entry->d_name) == length && strncasecmp(entry->d_name, part, length) == 0;
        if (found) memcpy(part, entry->d_name, length);
    }
    closedir(directory);
    return found;
}

static bool find_spelling(const th_zones_t *zones, char *name) {
    char path[PATH_SIZE];
    char *part = name;
    while (part) {
        char *slash = strchr(part, '/');
        size_t length = slash ? (size_t)(slash - part) : strlen(part);
        (void)snprintf(path, sizeof(path), "%s/%.*s", zones->directory, (int)(part - name), name);
        if (!respell(path, part, length)) return false;
        part = slash ? slash + 1 : NULL;
    }
    return true;
}

static th_zone_t *load(const th_zones_t *zones, const char *name) {
    char path[PATH_SIZE];
    size_t size = 0;
    (void)snprintf(path, sizeof(path), "%s/%s", zones->directory, name);
    unsigned char *data = read_file(path, &size);
    if (!data) return NULL;
    th_zone_t *zone = calloc(1, sizeof(*zone));
    if (zone && !th_zone_file_parse(zone, data, size)) {
        th_zone_file_free(zone);
        free(zone);
        zone = NULL;
    }
    free(data);
    if (zone) (void)snprintf(zone->name, sizeof(zone->name), "%s", name);
    return zone;
}

const th_zone_t *th_zones_find(th_zones_t *zones, th_slice_t name, th_error_t *error) {
    if (!name_is_safe(name)) {
        th_error_set(error, "no_zone",
                     "a time zone is named like Europe/Berlin, with letters, digits, _, + and -");
        return NULL;
    }
    char key[TH_ZONE_NAME_MAX], spelt[TH_ZONE_NAME_MAX];
    for (size_t i = 0; i <= name.length; i++) {
        char c = i < name.length ? name.data[i] : '\0';
        spelt[i] = c;
        key[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    if (strcmp(key, "utc") == 0 || strcmp(key, "z") == 0) return &zones->utc;
    th_zone_t *zone = th_table_get(zones->by_name, th_slice_of(key));
    if (zone) return zone;
    zone = load(zones, spelt);
    if (!zone && find_spelling(zones, spelt)) zone = load(zones, spelt);
    if (zone && !th_table_put(zones->by_name, th_slice_of(key), zone)) {
        free_zone(name, zone, NULL);
        th_error_set(error, "too_many_zones", "more than %d time zones are in use", ZONES_MAX);
        return NULL;
    }
    if (!zone)
        th_error_set(error, "no_zone",
                     "there is no time zone \"%s\"; one is named like Europe/Berlin", spelt);
    return zone;
}

const th_zone_t *th_zones_utc(th_zones_t *zones) {
    return &zones->utc;
}

const char *th_zone_name(const th_zone_t *zone) {
    return zone->name;
}

/* The type in force, found by bisection; transitions are ascending. */
static const th_zone_type_t *type_at(const th_zone_t *zone, int64_t instant) {
    size_t low = 0, high = zone->transition_count;
    while (low < high) { /* low = how many transitions are at or before <instant> */
        size_t middle = low + (high - low) / 2;
        if (zone->transitions[middle] <= instant)
            low = middle + 1;
        else
            high = middle;
    }
    if (zone->type_count == 0) return &utc_type;
    return &zone->types[low ? zone->kinds[low - 1] : 0];
}

int th_zone_offset_at(const th_zone_t *zone, int64_t instant, const char **abbreviation) {
    size_t count = zone->transition_count;
    if (zone->rule.present && (count == 0 || instant >= zone->transitions[count - 1]))
        return th_zone_rule_offset_at(&zone->rule, instant, abbreviation);
    const th_zone_type_t *type = type_at(zone, instant);
    if (abbreviation) *abbreviation = type->name;
    return type->offset;
}

/* A day to either side shows the offsets before and after: no zone changes twice within two days.
 */
th_local_kind_t th_zone_instant_of(const th_zone_t *zone, int64_t local, int64_t *instant,
                                   int64_t *later) {
    int before = th_zone_offset_at(zone, local - 86400 - 43200, NULL);
    int after = th_zone_offset_at(zone, local + 86400 + 43200, NULL);
    int64_t first = local - before, second = local - after;
    bool first_holds = th_zone_offset_at(zone, first, NULL) == before;
    bool second_holds = th_zone_offset_at(zone, second, NULL) == after;
    *instant = *later = first_holds || !second_holds ? first : second;
    if (!first_holds && !second_holds) return TH_LOCAL_GAP;
    if (!first_holds || !second_holds || first == second) return TH_LOCAL_UNIQUE;
    *instant = first < second ? first : second;
    *later = first < second ? second : first;
    return TH_LOCAL_OVERLAP;
}
