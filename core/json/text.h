/* text.h - two things C++ does better than libc: UTF-8 checks at GB/s, and doubles in shortest
 * form. */
#ifndef TH_JSON_TEXT_H
#define TH_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

#ifdef __cplusplus
extern "C" {
#endif

bool th_json_utf8_valid(th_slice_t text);

/* Writes <number>, which must be finite, as the shortest JSON that reads back as the same double
 * and stays a real: "1.0", "0.1", "1e+300". Independent of the locale. Returns the length; no NUL.
 */
#define TH_JSON_REAL_SIZE 40
size_t th_json_format_real(double number, char *out /* TH_JSON_REAL_SIZE bytes */);

#ifdef __cplusplus
}
#endif

#endif
