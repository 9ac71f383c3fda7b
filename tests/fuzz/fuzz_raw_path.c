/* fuzz_raw_path.c - whatever a raw path is, what is accepted is a documented route with harmless
 * values, and the URL made of it stays inside the organisation. The first byte chooses the method.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "tallyfy/routes.h"

#define ORG "0f1e2d3c4b5a69788796a5b4c3d2e1f0"

static void require(int condition) {
    if (!condition) abort();
}

static void check_value(th_slice_t value) {
    require(value.length > 0);
    for (size_t i = 0; i < value.length; i++) {
        unsigned char byte = (unsigned char)value.data[i];
        require(byte > 0x20 && byte < 0x7f && !strchr("/\\%?#;", byte));
    }
    require(strspn(value.data, ".") < value.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const th_http_method_t methods[] = {TH_HTTP_GET, TH_HTTP_POST, TH_HTTP_PUT,
                                               TH_HTTP_PATCH, TH_HTTP_DELETE};
    th_raw_path_t raw;
    th_error_t error = {{0}, {0}};
    if (size == 0) return 0;
    char *path = malloc(size); /* exactly as long: reading past its end is found */
    require(path != NULL);
    memcpy(path, data + 1, size - 1);
    if (th_raw_path_read(&raw, methods[data[0] % 5], th_slice(path, size - 1), TH_SLICE(ORG),
                         &error)) {
        th_buffer_t url;
        th_buffer_init(&url, 16384);
        for (size_t i = 0; i < raw.value_count; i++)
            check_value(raw.values[i].value);
        require(th_url_expand(&url, th_slice_of(raw.route->path), TH_SLICE(ORG), raw.values,
                              raw.value_count, &error));
        require(th_buffer_add_byte(&url, '\0'));
        require(!strstr(raw.route->path, "{org}") || strstr(url.data, ORG));
        require(!strstr(url.data, "//") && !strstr(url.data, "/../"));
        th_buffer_reset(&url);
    } else {
        require(error.message[0] != '\0');
    }
    free(path);
    return 0;
}
