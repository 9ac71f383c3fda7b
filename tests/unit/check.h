/* check.h - what every cmocka program includes, in the order cmocka wants it. */
#ifndef TH_TESTS_CHECK_H
#define TH_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
