/* practice.h - the practice organisation: Tallyfy's API from memory, over real HTTP, on its own
 * thread. The API itself is Lua (lua/practice/), in one trusted state with its own world; this is
 * its listener and its thread. Loopback only unless asked otherwise. */
#ifndef TH_PRACTICE_PRACTICE_H
#define TH_PRACTICE_PRACTICE_H

#include "base/error.h"
#include "base/log.h"
#include "config/settings.h"

typedef struct th_practice th_practice_t;

/* The setting practice.scale, in the order of its words. */
typedef enum th_practice_scale { TH_PRACTICE_SMALL, TH_PRACTICE_LARGE } th_practice_scale_t;

/* One made-up person that a newcomer can sign in as. */
typedef struct th_practice_credential {
    char name[64];
    char role[32];
    char api_key[128];
    char org_id[64];
    char org_name[64];
} th_practice_credential_t;

/* Starts the thread and returns when it accepts connections. NULL with <error>. */
th_practice_t *th_practice_start(const th_settings_t *settings, const th_log_t *log,
                                 th_error_t *error);
const char *th_practice_url(const th_practice_t *practice); /* "http://127.0.0.1:40123" */
const th_practice_credential_t *th_practice_credentials(const th_practice_t *practice,
                                                        size_t *count);
/* Stops the thread and joins it. */
void th_practice_stop(th_practice_t *practice);

#endif
