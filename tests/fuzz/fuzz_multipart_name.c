/* fuzz_multipart_name.c - any text as the name of a file that is uploaded.
 * Beyond not crashing: what comes out is UTF-8, within its bounds, cannot end a header or a quoted
 * name, has no path, and comes out the same when it goes in again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tallyfy/multipart.h"
#include "json/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char name[TH_MULTIPART_NAME_MAX + 1], again[TH_MULTIPART_NAME_MAX + 1];
    size_t length = th_multipart_filename(th_slice((const char *)data, size), name);
    if (length > TH_MULTIPART_NAME_MAX || name[length] != '\0') abort();
    if (!th_json_utf8_valid(th_slice(name, length))) abort();
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)name[i];
        if (byte < 0x20 || byte == 0x7f || strchr("\"/\\", byte)) abort();
    }
    if (length == 0) return 0;
    size_t second = th_multipart_filename(th_slice(name, length), again);
    if (second != length || memcmp(name, again, length) != 0) abort();
    return 0;
}
