/* schema_number.c - numbers without rounding: comparing integers with reals, and multipleOf over
 * the decimal digits that people wrote. */
#include <math.h>

#include "json/schema_internal.h"
#include "json/tape.h"
#include "json/text.h"

/* An int64 or uint64 as it is. */
static bool whole(th_json_value_t value, __int128 *out) {
    th_json_type_t type = th_json_type(value);
    int64_t integer;
    if (type == TH_JSON_INTEGER && th_json_integer(value, &integer)) {
        *out = integer;
        return true;
    }
    if (type != TH_JSON_UNSIGNED) return false;
    *out = (__int128)th_tape(value.document)[value.index + 1]; /* no accessor gives all 64 bits */
    return true;
}

static int sign_of(double difference) {
    return difference > 0 ? 1 : (difference < 0 ? -1 : 0);
}

/* <integer> against a real. */
static int compare_mixed(__int128 integer, double real) {
    if (real >= 1.8446744073709552e19) return -1;
    if (real <= -9.3e18) return 1;
    __int128 floor_of_real = (__int128)floor(real);
    if (integer != floor_of_real) return integer < floor_of_real ? -1 : 1;
    return real > floor(real) ? -1 : 0;
}

int th_schema_compare_numbers(th_json_value_t a, th_json_value_t b) {
    __int128 left, right;
    double left_real = 0, right_real = 0;
    bool left_whole = whole(a, &left), right_whole = whole(b, &right);
    (void)th_json_number(a, &left_real);
    (void)th_json_number(b, &right_real);
    if (left_whole && right_whole) return left < right ? -1 : left > right;
    if (left_whole) return compare_mixed(left, right_real);
    if (right_whole) return -compare_mixed(right, left_real);
    return sign_of(left_real - right_real);
}

/* A number's absolute value as digits * 10^exponent; digits have no trailing zeros beyond need. */
typedef struct th_decimal {
    uint64_t digits;
    int exponent;
} th_decimal_t;

/* Reads the shortest decimal form, "1.25e-07": at most 17 digits, which fit. */
static th_decimal_t decimal_of_real(double number) {
    char text[TH_JSON_REAL_SIZE];
    size_t length = th_json_format_real(fabs(number), text);
    th_decimal_t decimal = {0, 0};
    bool fraction = false;
    size_t at = 0;
    for (; at < length && text[at] != 'e' && text[at] != 'E'; at++) {
        if (text[at] == '.') {
            fraction = true;
        } else if (decimal.digits > UINT64_MAX / 10 - 1) {
            decimal.exponent += !fraction; /* only zeros follow: doubles have 17 digits */
        } else {
            decimal.digits = decimal.digits * 10 + (uint64_t)(text[at] - '0');
            decimal.exponent -= fraction;
        }
    }
    if (at < length) {
        bool negative = text[++at] == '-';
        int exponent = 0;
        for (; at < length; at++)
            if (text[at] >= '0' && text[at] <= '9') exponent = exponent * 10 + (text[at] - '0');
        decimal.exponent += negative ? -exponent : exponent;
    }
    return decimal;
}

static th_decimal_t decimal_of(th_json_value_t value) {
    __int128 integer;
    double number = 0;
    if (whole(value, &integer))
        return (th_decimal_t){(uint64_t)(integer < 0 ? -integer : integer), 0};
    (void)th_json_number(value, &number);
    return decimal_of_real(number);
}

static uint64_t multiply_modulo(uint64_t a, uint64_t b, uint64_t modulus) {
    return (uint64_t)((unsigned __int128)a * b % modulus);
}

static uint64_t power_of_ten_modulo(unsigned exponent, uint64_t modulus) {
    uint64_t result = 1 % modulus, base = 10 % modulus;
    for (; exponent > 0; exponent >>= 1) {
        if (exponent & 1) result = multiply_modulo(result, base, modulus);
        base = multiply_modulo(base, base, modulus);
    }
    return result;
}

bool th_schema_is_multiple(th_json_value_t number, th_json_value_t divisor) {
    th_decimal_t a = decimal_of(number), b = decimal_of(divisor);
    if (a.digits == 0) return true;
    if (b.digits == 0) return false;
    if (a.exponent >= b.exponent) {
        uint64_t power = power_of_ten_modulo((unsigned)(a.exponent - b.exponent), b.digits);
        return multiply_modulo(a.digits % b.digits, power, b.digits) == 0;
    }
    /* The divisor grows instead; once it is larger than the number it cannot divide it. */
    for (int i = a.exponent; i < b.exponent; i++)
        if (__builtin_mul_overflow(b.digits, UINT64_C(10), &b.digits)) return false;
    return a.digits % b.digits == 0;
}
