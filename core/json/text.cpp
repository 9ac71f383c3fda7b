/* text.cpp - simdjson's UTF-8 check and std::to_chars (Ryu) behind C functions. Neither throws. */
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <charconv>
#include <cmath>
#include <cstring>

/* In C a function may be called like a struct's tag; g++ takes that for shadowing. */
#pragma GCC diagnostic ignored "-Wshadow"
#include "json/text.h"

extern "C" {

bool th_json_utf8_valid(th_slice_t text) {
    return text.length == 0 || simdjson::validate_utf8(text.data, text.length);
}

size_t th_json_format_real(double number, char *out) {
    double size = std::fabs(number);
    /* Without an exponent where people would write it so; at most 17 digits and 5 zeros then. */
    bool plain = size == 0 || (size >= 1e-5 && size < 1e17);
    char *end = out + TH_JSON_REAL_SIZE - 2; /* ".0" may follow */
    end = plain ? std::to_chars(out, end, number, std::chars_format::fixed).ptr
                : std::to_chars(out, end, number, std::chars_format::scientific).ptr;
    if (plain && !std::memchr(out, '.', static_cast<size_t>(end - out))) {
        *end++ = '.';
        *end++ = '0';
    }
    return static_cast<size_t>(end - out);
}

} // extern "C"
