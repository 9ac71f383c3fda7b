/* library.c - looks up the Lua files that are built in. */
#include "script/library.h"

#include <string.h>

const th_library_file_t *th_library_find(const char *name) {
    for (size_t i = 0; i < th_library_file_count; i++)
        if (strcmp(th_library_files[i].name, name) == 0) return &th_library_files[i];
    return NULL;
}
