/* page.c - finds a file of the page. A dozen files: a walk is the whole index. */
#include "chat/page.h"

const th_page_file_t *th_page_find(th_slice_t path) {
    for (size_t i = 0; i < th_page_file_count; i++)
        if (th_slice_is(path, th_page_files[i].path)) return &th_page_files[i];
    return NULL;
}
