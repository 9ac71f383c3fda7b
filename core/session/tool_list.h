/* tool_list.h - the lists of tools in settings: which items a text such as "tasks users:read
 * -get_task" holds. Pure.
 *   list = word *( " " word )      a later word never undoes an earlier "-"
 *   word = [ "-" ] ( "*" / domain / name ) [ ":" effect ]
 *   effect = read, add, change, remove; write = all but read
 * A domain is the folder of script.tools that an item is in. A word with "-" takes away, wherever
 * it stands. config/settings_checks.c checks the form. */
#ifndef TH_SESSION_TOOL_LIST_H
#define TH_SESSION_TOOL_LIST_H

#include <stdbool.h>

#include "script/catalogue.h"

bool th_tool_list_holds(const char *list, const th_item_t *item);
/* The first word that names nothing of <catalogue>, or an empty slice. */
th_slice_t th_tool_list_unknown(const char *list, const th_catalogue_t *catalogue);

#endif
