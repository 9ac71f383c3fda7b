/* test_zone.c - the reader of time zones: facts of eight zones, gaps and overlaps, rules far ahead,
 * and files that are broken or were made to hurt. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "date/civil.h"
#include "date/zone_parts.h"

static int open_zones(void **state) {
    *state = th_zones_open(NULL);
    return *state ? 0 : -1;
}

static int close_zones(void **state) {
    th_zones_close(*state);
    return 0;
}

static int64_t local(int year, int month, int day, int hour, int minute) {
    th_civil_t civil = {year, month, day, hour, minute, 0};
    return th_local_from_civil(&civil);
}

static const th_zone_t *find(void **state, const char *name) {
    const th_zone_t *zone = th_zones_find(*state, th_slice_of(name), NULL);
    assert_non_null(zone);
    return zone;
}

static void offsets_and_abbreviations(void **state) {
    static const struct {
        const char *zone;
        int year, month, day, hour; /* UTC */
        int offset;
        const char *name;
    } facts[] = {
        {"Europe/Berlin", 2026, 7, 1, 0, 7200, "CEST"},
        {"Europe/Berlin", 2026, 12, 1, 0, 3600, "CET"},
        {"Europe/Berlin", 2026, 3, 29, 0, 3600, "CET"},
        {"Europe/Berlin", 2026, 3, 29, 1, 7200, "CEST"},
        {"America/New_York", 2026, 11, 1, 5, -14400, "EDT"},
        {"America/New_York", 2026, 11, 1, 6, -18000, "EST"},
        {"Asia/Kolkata", 2026, 7, 1, 0, 19800, "IST"},
        {"America/St_Johns", 2026, 7, 1, 0, -9000, "NDT"},
        {"Australia/Lord_Howe", 2026, 1, 1, 0, 39600, "+11"},
        {"Australia/Lord_Howe", 2026, 7, 1, 0, 37800, "+1030"},
        {"Europe/Dublin", 2026, 7, 1, 0, 3600, "IST"},
        {"Pacific/Kiritimati", 2026, 7, 1, 0, 50400, "+14"},
        {"Europe/Berlin", 2100, 7, 1, 0, 7200, "CEST"},
        {"America/Santiago", 2400, 1, 1, 0, -10800, "-03"},
        {"Europe/Berlin", 1900, 1, 1, 0, 3600, "CET"},
        {"UTC", 2026, 7, 1, 0, 0, "UTC"},
    };
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        const char *name;
        int64_t instant = local(facts[i].year, facts[i].month, facts[i].day, facts[i].hour, 0);
        assert_int_equal(th_zone_offset_at(find(state, facts[i].zone), instant, &name),
                         facts[i].offset);
        assert_string_equal(name, facts[i].name);
    }
}

static void gaps_move_forward_and_overlaps_come_twice(void **state) {
    const th_zone_t *berlin = find(state, "Europe/Berlin"),
                    *howe = find(state, "Australia/Lord_Howe");
    int64_t instant, later;
    assert_int_equal(th_zone_instant_of(berlin, local(2026, 3, 29, 2, 30), &instant, &later),
                     TH_LOCAL_GAP);
    assert_int_equal(instant, local(2026, 3, 29, 1, 30)); /* 03:30 +02:00 */
    assert_int_equal(th_zone_instant_of(berlin, local(2026, 10, 25, 2, 30), &instant, &later),
                     TH_LOCAL_OVERLAP);
    assert_int_equal(instant, local(2026, 10, 25, 0, 30));
    assert_int_equal(later - instant, 3600);
    assert_int_equal(th_zone_instant_of(berlin, local(2026, 10, 25, 3, 0), &instant, &later),
                     TH_LOCAL_UNIQUE);
    assert_int_equal(instant, local(2026, 10, 25, 2, 0));
    assert_int_equal(th_zone_instant_of(berlin, local(2026, 3, 29, 3, 0), &instant, &later),
                     TH_LOCAL_UNIQUE);
    /* Lord Howe changes by half an hour */
    assert_int_equal(th_zone_instant_of(howe, local(2026, 4, 5, 1, 45), &instant, &later),
                     TH_LOCAL_OVERLAP);
    assert_int_equal(later - instant, 1800);
    /* Samoa had no 30 December 2011 */
    assert_int_equal(th_zone_instant_of(find(state, "Pacific/Apia"), local(2011, 12, 30, 12, 0),
                                        &instant, &later),
                     TH_LOCAL_GAP);
}

static void names_are_found_in_any_case(void **state) {
    assert_string_equal(th_zone_name(find(state, "europe/BERLIN")), "Europe/Berlin");
    assert_string_equal(th_zone_name(find(state, "america/port-au-prince")),
                        "America/Port-au-Prince");
    assert_string_equal(th_zone_name(find(state, "AMERICA/ARGENTINA/BUENOS_AIRES")),
                        "America/Argentina/Buenos_Aires");
    assert_ptr_equal(find(state, "Europe/Berlin"), find(state, "Europe/Berlin"));
    assert_ptr_equal(find(state, "utc"), th_zones_utc(*state));
}

static void names_do_not_leave_the_directory(void **state) {
    static const char *const names[] = {
        "",
        "../../etc/passwd",
        "/etc/passwd",
        "Europe/../../../etc/passwd",
        "Europe//Berlin",
        "Europe/",
        "/Europe",
        "Europe",
        "Europe/Atlantis",
        "tzdata.zi",
        "zone.tab",
        ".",
        "Europe/Berlin\n",
        "leapseconds",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        th_error_t error;
        th_error_clear(&error);
        assert_null(th_zones_find(*state, th_slice_of(names[i]), &error));
        assert_string_equal(error.code, "no_zone");
    }
    assert_null(th_zones_find(*state, th_slice("Europe/Berlin\0x", 15), NULL));
}

static void rules(void **state) {
    (void)state;
    th_zone_rule_t rule;
    const char *name;
    static const char *const wrong[] = {"",
                                        "C",
                                        "CET",
                                        "CET-1CEST",
                                        "CET-1CEST,M3.5.0",
                                        "CET-1CEST,M13.5.0,M10.5.0",
                                        "CET-1CEST,M3.6.0,M10.5.0",
                                        "CET-1CEST,M3.5.7,M10.5.0",
                                        "<+03-3",
                                        "CET-1CEST,M3.5.0,M10.5.0x",
                                        "CET-1CEST,J0,J366",
                                        "CET-168"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(th_zone_rule_parse(&rule, wrong[i], strlen(wrong[i])));
    static const char greenland[] = "<-02>2<-01>,M3.5.0/-1,M10.5.0/0";
    assert_true(th_zone_rule_parse(&rule, greenland, strlen(greenland)));
    assert_int_equal(th_zone_rule_offset_at(&rule, local(2026, 3, 29, 0, 59), &name), -7200);
    assert_string_equal(name, "-02");
    assert_int_equal(th_zone_rule_offset_at(&rule, local(2026, 3, 29, 1, 0), &name), -3600);
    static const char julian[] = "AAA0BBB,J60/0,J300/0"; /* J60 is 1 March, leap year or not */
    assert_true(th_zone_rule_parse(&rule, julian, strlen(julian)));
    assert_int_equal(th_zone_rule_offset_at(&rule, local(2028, 2, 29, 23, 59), NULL), 0);
    assert_int_equal(th_zone_rule_offset_at(&rule, local(2028, 3, 1, 0, 0), NULL), 3600);
}

static unsigned char *whole_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    unsigned char *data = malloc(65536);
    assert_non_null(data);
    *size = fread(data, 1, 65536, file);
    fclose(file);
    return data;
}

/* Every cut of a real file is refused, and no changed byte is read out of bounds. */
static void broken_files(void **state) {
    (void)state;
    size_t size;
    unsigned char *data = whole_file("/usr/share/zoneinfo/Europe/Berlin", &size);
    for (size_t cut = 0; cut < size; cut++) {
        th_zone_t zone = {.name = ""};
        unsigned char *part = malloc(cut + 1); /* so that a byte too far is seen */
        memcpy(part, data, cut);
        bool read = th_zone_file_parse(&zone, part, cut);
        assert_false(read);
        th_zone_file_free(&zone);
        free(part);
    }
    for (size_t at = 0; at < size; at++) {
        th_zone_t zone = {.name = ""};
        unsigned char kept = data[at];
        data[at] ^= 0xff;
        if (th_zone_file_parse(&zone, data, size)) th_zone_offset_at(&zone, 1800000000, NULL);
        th_zone_file_free(&zone);
        data[at] = kept;
    }
    free(data);
}

static void a_directory_of_ones_own(void **state) {
    (void)state;
    char directory[] = "/tmp/th_zones_XXXXXX", path[64];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/Mine", directory);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("TZif2 but nothing behind it", file);
    fclose(file);
    th_zones_t *zones = th_zones_open(directory);
    assert_non_null(zones);
    assert_null(th_zones_find(zones, TH_SLICE("Mine"), NULL));
    assert_null(th_zones_find(zones, TH_SLICE("Europe/Berlin"), NULL));
    assert_non_null(th_zones_find(zones, TH_SLICE("UTC"), NULL));
    th_zones_close(zones);
    unlink(path);
    rmdir(directory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(offsets_and_abbreviations, open_zones, close_zones),
        cmocka_unit_test_setup_teardown(gaps_move_forward_and_overlaps_come_twice, open_zones,
                                        close_zones),
        cmocka_unit_test_setup_teardown(names_are_found_in_any_case, open_zones, close_zones),
        cmocka_unit_test_setup_teardown(names_do_not_leave_the_directory, open_zones, close_zones),
        cmocka_unit_test(rules),
        cmocka_unit_test(broken_files),
        cmocka_unit_test(a_directory_of_ones_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
