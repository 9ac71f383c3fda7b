/* grammar_zone.c - zones behind a time: offsets, abbreviations, IANA names, cities and regions. */
#include <stdio.h>
#include <string.h>

#include "date/grammar.h"

/* Usual meanings; which one holds for a person is decided in resolve.c by the person's own zone. */
static const struct {
    const char *label;
    short minutes;
    bool lower; /* also written in lower case: no English word */
} labels[] = {
    {"gmt", 0, true},      {"utc", 0, true},     {"ut", 0, false},     {"wst", 480, false},
    {"wet", 0, false},     {"west", 60, false},  {"bst", 60, true},    {"cet", 60, true},
    {"cest", 120, true},   {"mez", 60, true},    {"mesz", 120, true},  {"eet", 120, true},
    {"eest", 180, true},   {"msk", 180, true},   {"trt", 180, false},  {"gst", 240, false},
    {"pkt", 300, false},   {"ist", 330, true},   {"npt", 345, false},  {"bdt", 360, false},
    {"ict", 420, false},   {"wib", 420, false},  {"sgt", 480, true},   {"hkt", 480, true},
    {"myt", 480, false},   {"awst", 480, true},  {"pht", 480, false},  {"jst", 540, true},
    {"kst", 540, true},    {"acst", 570, true},  {"acdt", 630, true},  {"aest", 600, true},
    {"aedt", 660, true},   {"nzst", 720, true},  {"nzdt", 780, true},  {"nst", -210, false},
    {"ndt", -150, false},  {"ast", -240, false}, {"adt", -180, false}, {"est", -300, true},
    {"edt", -240, true},   {"cst", -360, true},  {"cdt", -300, true},  {"mst", -420, true},
    {"mdt", -360, true},   {"pst", -480, true},  {"pdt", -420, true},  {"akst", -540, true},
    {"akdt", -480, true},  {"hst", -600, true},  {"hdt", -540, false}, {"brt", -180, false},
    {"brst", -120, false}, {"art", -180, false}, {"clt", -240, false}, {"clst", -180, false},
    {"cot", -300, false},  {"pet", -300, false}, {"sast", 120, true},  {"cat", 120, false},
    {"eat", 180, false},   {"wat", 60, false},   {"idt", 180, false},  {"irst", 210, false},
};

/* Names that follow the clocks of a place, summer time included. <alone>: without the word "time".
 */
static const struct {
    const char *name, *zone;
    bool alone, upper;
} places[] = {
    {"et", "America/New_York", true, true},
    {"ct", "America/Chicago", true, true},
    {"mt", "America/Denver", true, true},
    {"pt", "America/Los_Angeles", true, true},
    {"eastern", "America/New_York", true, false},
    {"central", "America/Chicago", true, false},
    {"mountain", "America/Denver", true, false},
    {"pacific", "America/Los_Angeles", true, false},
    {"alaska", "America/Anchorage", false, false},
    {"hawaii", "Pacific/Honolulu", false, false},
    {"arizona", "America/Phoenix", false, false},
    {"california", "America/Los_Angeles", false, false},
    {"texas", "America/Chicago", false, false},
    {"florida", "America/New_York", false, false},
    {"uk", "Europe/London", false, false},
    {"british", "Europe/London", false, false},
    {"german", "Europe/Berlin", false, false},
    {"india", "Asia/Kolkata", false, false},
    {"indian", "Asia/Kolkata", false, false},
    {"japan", "Asia/Tokyo", false, false},
    {"china", "Asia/Shanghai", false, false},
    {"amsterdam", "Europe/Amsterdam", false, false},
    {"athens", "Europe/Athens", false, false},
    {"atlanta", "America/New_York", false, false},
    {"auckland", "Pacific/Auckland", false, false},
    {"bangalore", "Asia/Kolkata", false, false},
    {"bangkok", "Asia/Bangkok", false, false},
    {"beijing", "Asia/Shanghai", false, false},
    {"berlin", "Europe/Berlin", false, false},
    {"boston", "America/New_York", false, false},
    {"brisbane", "Australia/Brisbane", false, false},
    {"brussels", "Europe/Brussels", false, false},
    {"cairo", "Africa/Cairo", false, false},
    {"chicago", "America/Chicago", false, false},
    {"copenhagen", "Europe/Copenhagen", false, false},
    {"dallas", "America/Chicago", false, false},
    {"delhi", "Asia/Kolkata", false, false},
    {"denver", "America/Denver", false, false},
    {"dubai", "Asia/Dubai", false, false},
    {"dublin", "Europe/Dublin", false, false},
    {"helsinki", "Europe/Helsinki", false, false},
    {"honolulu", "Pacific/Honolulu", false, false},
    {"houston", "America/Chicago", false, false},
    {"istanbul", "Europe/Istanbul", false, false},
    {"jakarta", "Asia/Jakarta", false, false},
    {"jerusalem", "Asia/Jerusalem", false, false},
    {"johannesburg", "Africa/Johannesburg", false, false},
    {"karachi", "Asia/Karachi", false, false},
    {"kiev", "Europe/Kyiv", false, false},
    {"kolkata", "Asia/Kolkata", false, false},
    {"kyiv", "Europe/Kyiv", false, false},
    {"lagos", "Africa/Lagos", false, false},
    {"lisbon", "Europe/Lisbon", false, false},
    {"london", "Europe/London", false, false},
    {"madrid", "Europe/Madrid", false, false},
    {"manila", "Asia/Manila", false, false},
    {"melbourne", "Australia/Melbourne", false, false},
    {"miami", "America/New_York", false, false},
    {"moscow", "Europe/Moscow", false, false},
    {"mumbai", "Asia/Kolkata", false, false},
    {"nairobi", "Africa/Nairobi", false, false},
    {"oslo", "Europe/Oslo", false, false},
    {"paris", "Europe/Paris", false, false},
    {"perth", "Australia/Perth", false, false},
    {"phoenix", "America/Phoenix", false, false},
    {"prague", "Europe/Prague", false, false},
    {"rome", "Europe/Rome", false, false},
    {"seattle", "America/Los_Angeles", false, false},
    {"seoul", "Asia/Seoul", false, false},
    {"shanghai", "Asia/Shanghai", false, false},
    {"singapore", "Asia/Singapore", false, false},
    {"stockholm", "Europe/Stockholm", false, false},
    {"sydney", "Australia/Sydney", false, false},
    {"tokyo", "Asia/Tokyo", false, false},
    {"toronto", "America/Toronto", false, false},
    {"vancouver", "America/Vancouver", false, false},
    {"vienna", "Europe/Vienna", false, false},
    {"warsaw", "Europe/Warsaw", false, false},
    {"zurich", "Europe/Zurich", false, false},
};

static const struct {
    const char *first, *second, *zone;
} long_places[] = {
    {"new", "york", "America/New_York"},
    {"los", "angeles", "America/Los_Angeles"},
    {"san", "francisco", "America/Los_Angeles"},
    {"hong", "kong", "Asia/Hong_Kong"},
    {"sao", "paulo", "America/Sao_Paulo"},
    {"mexico", "city", "America/Mexico_City"},
    {"tel", "aviv", "Asia/Jerusalem"},
    {"buenos", "aires", "America/Argentina/Buenos_Aires"},
    {"new", "delhi", "Asia/Kolkata"},
    {"kuala", "lumpur", "Asia/Kuala_Lumpur"},
    {"cape", "town", "Africa/Johannesburg"},
    {"central", "european", "Europe/Berlin"},
    {"eastern", "european", "Europe/Athens"},
    {"western", "european", "Europe/Lisbon"},
};

/* +01:00, +0100, +1, -5:30 behind a time or the word UTC. */
static bool read_offset(th_reader_t *reader, size_t *at, bool after_utc, int *offset) {
    size_t p = *at;
    const th_token_t *sign = th_at(reader, p), *digits = th_at(reader, p + 1);
    int hours, minutes = 0;
    if (sign->kind != TH_TOKEN_MARK || (sign->mark != '+' && sign->mark != '-') || !digits->glued)
        return false;
    if (th_digits(reader, p + 1, 4, 4, 2359, &hours)) {
        minutes = hours % 100;
        hours /= 100;
        p += 2;
    } else if (th_digits(reader, p + 1, after_utc ? 1 : 2, 2, 15, &hours)) {
        p += 2;
        if (th_glued_mark(reader, p, ':') && th_at(reader, p + 1)->glued &&
            th_digits(reader, p + 1, 2, 2, 59, &minutes))
            p += 2;
        else if (!after_utc && !sign->glued)
            return false; /* "17:00 -18" is a range */
        if (th_glued_mark(reader, p, ':') || th_means(reader, p, TH_SENSE_MERIDIEM, NULL))
            return false;
    } else {
        return false;
    }
    if (minutes > 59 || hours > 15) return false;
    *offset = (sign->mark == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    *at = p;
    return true;
}

static bool read_label(th_reader_t *reader, size_t *at, th_zone_said_t *zone) {
    const th_token_t *token = th_at(reader, *at);
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (strcmp(labels[i].label, token->text) != 0) continue;
        if (!token->upper && !labels[i].lower) return false;
        size_t p = *at + 1;
        zone->kind = i < 3 ? TH_ZONE_FIXED : TH_ZONE_LABEL;
        zone->offset = labels[i].minutes * 60;
        (void)snprintf(zone->label, sizeof(zone->label), "%s", labels[i].label);
        for (char *c = zone->label; *c; c++)
            *c = (char)(*c - 32);
        if (i < 3) read_offset(reader, &p, true, &zone->offset);
        *at = p;
        return true;
    }
    return false;
}

/* Europe/Berlin, also in brackets behind an offset (RFC 9557); the directory knows which exist. */
static bool read_iana(th_reader_t *reader, size_t *at, th_zone_said_t *zone) {
    static const char *const regions[] = {
        "africa", "america", "antarctica", "arctic", "asia",   "atlantic", "australia", "brazil",
        "canada", "chile",   "etc",        "europe", "indian", "mexico",   "pacific",   "us"};
    size_t p = *at, start = th_at(reader, p)->start, end;
    bool known = false;
    for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++)
        known = known || strcmp(regions[i], th_at(reader, p)->text) == 0;
    if (!known || !th_glued_mark(reader, p + 1, '/')) return false;
    end = th_at(reader, p)->end;
    p++;
    for (int i = 0; i < 12; i++, p++) {
        const th_token_t *token = th_at(reader, p);
        bool fits =
            token->glued && (token->kind == TH_TOKEN_WORD || token->kind == TH_TOKEN_NUMBER ||
                             (token->mark && strchr("/_-+", token->mark)));
        if (!fits) break;
        end = token->end;
    }
    const th_zone_t *found = th_zones_find(
        reader->zones, th_slice(reader->tokens->text.data + start, end - start), NULL);
    if (!found) return false;
    zone->kind = TH_ZONE_NAMED;
    zone->zone = found;
    *at = p;
    return true;
}

static bool name_zone(th_reader_t *reader, const char *name, th_zone_said_t *zone) {
    zone->zone = th_zones_find(reader->zones, th_slice_of(name), NULL);
    zone->kind = TH_ZONE_NAMED;
    return zone->zone != NULL;
}

/* "New York time", "Eastern", "Pacific Standard Time", "ET". */
static bool read_place(th_reader_t *reader, size_t *at, th_zone_said_t *zone) {
    size_t p = *at;
    th_skip_key(reader, &p, TH_KEY_IN);
    for (size_t i = 0; i < sizeof(long_places) / sizeof(long_places[0]); i++) {
        if (!th_text(reader, p, long_places[i].first) ||
            !th_text(reader, p + 1, long_places[i].second))
            continue;
        size_t q = p + 2;
        if (!th_skip_key(reader, &q, TH_KEY_STANDARD)) th_skip_key(reader, &q, TH_KEY_DAYLIGHT);
        if (!th_skip_key(reader, &q, TH_KEY_TIME) || !name_zone(reader, long_places[i].zone, zone))
            return false;
        *at = q;
        return true;
    }
    const th_token_t *token = th_at(reader, p);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (strcmp(places[i].name, token->text) != 0) continue;
        size_t q = p + 1;
        if (!th_skip_key(reader, &q, TH_KEY_STANDARD)) th_skip_key(reader, &q, TH_KEY_DAYLIGHT);
        bool time = th_skip_key(reader, &q, TH_KEY_TIME);
        if (places[i].upper && !token->upper) return false;
        if (!time && !places[i].alone) return false;
        if (!time && !token->capital) return false;
        if (!name_zone(reader, places[i].zone, zone)) return false;
        *at = time ? q : p + 1;
        return true;
    }
    return false;
}

/* "(CET)" behind an offset, and "[Europe/Berlin]". */
static void skip_comment(th_reader_t *reader, size_t *at) {
    char open = th_at(reader, *at)->mark, close = open == '(' ? ')' : open == '[' ? ']' : 0;
    if (!close) return;
    for (size_t p = *at + 1; p < *at + 10; p++) {
        if (th_mark(reader, p, close)) {
            *at = p + 1;
            return;
        }
    }
}

bool th_read_zone(th_reader_t *reader, size_t *at, th_zone_said_t *zone) {
    size_t p = *at;
    memset(zone, 0, sizeof(*zone));
    const th_token_t *token = th_at(reader, p);
    bool bracket = th_mark(reader, p, '(') || th_mark(reader, p, '[');
    if (bracket) {
        p++;
        if (!read_label(reader, &p, zone) && !read_iana(reader, &p, zone) &&
            !read_place(reader, &p, zone))
            return false;
        if (!th_mark(reader, p, ')') && !th_mark(reader, p, ']')) return false;
        *at = p + 1;
        return true;
    }
    if (token->kind == TH_TOKEN_WORD && strcmp(token->text, "z") == 0 &&
        (token->glued || token->upper)) {
        zone->kind = TH_ZONE_FIXED;
        (void)snprintf(zone->label, sizeof(zone->label), "UTC");
        *at = p + 1;
        return true;
    }
    if (read_offset(reader, &p, false, &zone->offset)) {
        zone->kind = TH_ZONE_FIXED;
        skip_comment(reader, &p);
        *at = p;
        return true;
    }
    if (token->kind != TH_TOKEN_WORD) return false;
    if (read_iana(reader, &p, zone) || read_place(reader, &p, zone) ||
        read_label(reader, &p, zone)) {
        if (zone->kind == TH_ZONE_FIXED) skip_comment(reader, &p);
        *at = p;
        return true;
    }
    size_t q = p; /* "local time", "my time": the person's own zone */
    if ((th_key(reader, q, TH_KEY_LOCAL) || th_text(reader, q, "my") ||
         th_text(reader, q, "our")) &&
        th_key(reader, q + 1, TH_KEY_TIME)) {
        *at = q + 2;
        return true;
    }
    return false;
}
