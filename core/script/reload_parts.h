/* reload_parts.h - what the reload*.c files share: which directories to watch, and what to say.
 * reload_plan.c looks at the disk (blocking), reload.c has the handles, reload_report.c the words.
 */
#ifndef TH_SCRIPT_RELOAD_PARTS_H
#define TH_SCRIPT_RELOAD_PARTS_H

#include "base/log.h"
#include "config/settings.h"
#include "script/catalogue_parts.h"

/* One directory to watch, as it was when the plan was made. */
typedef struct th_watch_place {
    char *path; /* owned */
    dev_t device;
    ino_t inode;
    char only[256]; /* only changes of this name in it count; "" = all */
} th_watch_place_t;

typedef struct th_watch_plan {
    th_watch_place_t *places;
    size_t count;
} th_watch_plan_t;

/* The folders of the tools directory and of script.library, and above each the nearest directory
 * that exists, where it would be replaced or appear. Blocking. False: no memory, <plan> is empty.
 */
bool th_watch_plan_make(th_watch_plan_t *plan, const th_settings_t *settings);
void th_watch_plan_free(th_watch_plan_t *plan);
bool th_watch_plan_equal(const th_watch_plan_t *a, const th_watch_plan_t *b);

/* "tools: generation 4, 13 tools (changed: get_task; added: x)". <before> may be NULL. */
void th_reload_report_fresh(const th_log_t *log, const th_catalogue_t *before,
                            const th_catalogue_t *now);
/* Every problem, and what stays in use. */
void th_reload_report_problems(const th_log_t *log, const th_problems_t *problems,
                               const th_catalogue_t *current);

#endif
