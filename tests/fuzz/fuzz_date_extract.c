/* fuzz_date_extract.c - any text as a sentence with dates.
 * Beyond not crashing: spans are in the text, in order and apart; the rest fits and is never longer
 * than the text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "date/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DATES_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static th_zones_t *zones;
    th_date_t dates[DATES_MAX], found;
    th_date_context_t context;
    bool whole;
    if (!zones) {
        th_random_start();
        zones = th_zones_open(NULL);
    }
    if (!zones) return 0;
    th_date_context_defaults(&context);
    context.zone = th_zones_find(zones, TH_SLICE("America/New_York"), NULL);
    if (!context.zone) context.zone = th_zones_utc(zones);
    context.reference = 1795600800; /* November 2026 */
    th_slice_t text = th_slice((const char *)data, size);
    size_t count = th_date_extract(text, &context, zones, dates, DATES_MAX), behind = 0;
    char *rest = malloc(size + 1);
    if (!rest) return 0;
    for (size_t i = 0; i < count; i++) {
        if (dates[i].start < behind || dates[i].start + dates[i].length > size) abort();
        behind = dates[i].start + dates[i].length;
        size_t length = th_date_rest(text, &dates[i], rest, size + 1);
        if (length > size || rest[length] != '\0') abort();
    }
    if (count > 0 && !th_date_find(text, &context, zones, &found, &whole, NULL)) {
        /* the whole text is an impossible date, or its dates are: both are refusals */
        th_error_t error = {.code = ""};
        if (th_date_parse(text, &context, zones, &found, &error) ||
            strcmp(error.code, "bad_date") != 0)
            abort();
    }
    free(rest);
    return 0;
}
