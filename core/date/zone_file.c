/* zone_file.c - reads TZif (RFC 8536), version 2 and later: the 64-bit block and the footer. */
#include <stdlib.h>
#include <string.h>

#include "date/zone_parts.h"

#define HEADER_SIZE 44
#define TRANSITIONS_MAX 4096 /* today's largest file has 240 */
#define TYPES_MAX 256

typedef struct {
    uint32_t utc_flags, standard_flags, leaps, transitions, types, letters;
    unsigned char version;
} header_t;

static uint32_t big32(const unsigned char *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t big64(const unsigned char *p) {
    return (int64_t)((uint64_t)big32(p) << 32 | big32(p + 4));
}

static bool read_header(const unsigned char *data, size_t size, header_t *header) {
    if (size < HEADER_SIZE || memcmp(data, "TZif", 4) != 0) return false;
    header->version = data[4];
    header->utc_flags = big32(data + 20);
    header->standard_flags = big32(data + 24);
    header->leaps = big32(data + 28);
    header->transitions = big32(data + 32);
    header->types = big32(data + 36);
    header->letters = big32(data + 40);
    return header->utc_flags <= TYPES_MAX && header->standard_flags <= TYPES_MAX &&
           header->leaps <= TRANSITIONS_MAX && header->transitions <= TRANSITIONS_MAX &&
           header->types >= 1 && header->types <= TYPES_MAX && header->letters <= 1024;
}

/* Bytes of a block whose times have <width> bytes. */
static size_t block_size(const header_t *h, size_t width) {
    return h->transitions * (width + 1) + h->types * 6 + h->letters + h->leaps * (width + 4) +
           h->standard_flags + h->utc_flags;
}

static bool read_types(th_zone_t *zone, const unsigned char *types, const header_t *header) {
    const char *letters = (const char *)types + (size_t)header->types * 6;
    for (size_t i = 0; i < header->types; i++) {
        const unsigned char *p = types + i * 6;
        size_t at = p[5];
        int32_t offset = (int32_t)big32(p);
        if (at >= header->letters || offset < -26 * 3600 || offset > 26 * 3600) return false;
        zone->types[i].offset = offset;
        size_t length = strnlen(letters + at, header->letters - at);
        if (length >= TH_ZONE_ABBREVIATION_MAX) return false;
        memcpy(zone->types[i].name, letters + at, length);
    }
    return true;
}

static bool read_block(th_zone_t *zone, const unsigned char *data, const header_t *header) {
    size_t count = header->transitions;
    zone->transitions = calloc(count + 1, sizeof(*zone->transitions));
    zone->kinds = calloc(count + 1, 1);
    zone->types = calloc(header->types, sizeof(*zone->types));
    if (!zone->transitions || !zone->kinds || !zone->types) return false;
    zone->transition_count = count;
    zone->type_count = header->types;
    const unsigned char *kinds = data + count * 8;
    for (size_t i = 0; i < count; i++) {
        zone->transitions[i] = big64(data + i * 8);
        zone->kinds[i] = kinds[i];
        if (kinds[i] >= header->types) return false;
        if (i > 0 && zone->transitions[i] <= zone->transitions[i - 1]) return false;
    }
    return read_types(zone, kinds + count, header);
}

bool th_zone_file_parse(th_zone_t *zone, const unsigned char *data, size_t size) {
    header_t header;
    if (!read_header(data, size, &header) || header.version < '2') return false;
    size_t skip = HEADER_SIZE + block_size(&header, 4); /* the 32-bit block */
    if (size < skip) return false;
    data += skip;
    size -= skip;
    if (!read_header(data, size, &header)) return false;
    size_t block = block_size(&header, 8);
    if (size < HEADER_SIZE + block + 2) return false;
    if (!read_block(zone, data + HEADER_SIZE, &header)) return false;
    const char *footer = (const char *)data + HEADER_SIZE + block;
    size_t rest = size - HEADER_SIZE - block;
    const char *end = footer[0] == '\n' ? memchr(footer + 1, '\n', rest - 1) : NULL;
    if (!end) return false;
    size_t length = (size_t)(end - footer) - 1; /* empty: nothing is known behind the last one */
    return length == 0 || th_zone_rule_parse(&zone->rule, footer + 1, length);
}

void th_zone_file_free(th_zone_t *zone) {
    free(zone->transitions);
    free(zone->kinds);
    free(zone->types);
}
