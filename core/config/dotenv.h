/* dotenv.h - a `.env` file: NAME=VALUE lines that join the environment at start.
 * May hold credentials, so the bytes read are wiped. Changes the process's environment: only before
 * the first thread starts. */
#ifndef TH_CONFIG_DOTENV_H
#define TH_CONFIG_DOTENV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Sets each variable that the environment does not have yet. A missing file is fine. False with
 * <error> (file, line, what is expected) when the file cannot be read or understood; <warning> is
 * filled when others on this machine can read it. Lines: NAME=VALUE, `export NAME=VALUE`, '#'
 * comments; a value in single quotes is taken as it is, in double quotes with \n, \t, \" and \\,
 * without quotes up to " #". */
bool th_dotenv_load(const char *path, th_error_t *warning, th_error_t *error);

/* Takes a variable out of the environment: copies it into <out> and overwrites the original, so
 * that neither /proc nor a later getenv() shows it. The caller wipes <out>. False when it is not
 * set, empty, or does not fit (it is taken out all the same). */
bool th_environment_take(const char *name, char *out, size_t size);

#endif
