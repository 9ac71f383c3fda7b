/* page.h - the files of the web page, as they were built into the program (page/,
 * embed_page.cmake). Immutable data and one look-up; knows nothing of HTTP: core/cli/chat_page.c
 * serves them. */
#ifndef TH_CHAT_PAGE_H
#define TH_CHAT_PAGE_H

#include <stddef.h>

#include "base/slice.h"

typedef struct th_page_file {
    const char *path;         /* as in a URL: "/" or "/app/main.js" */
    const char *content_type; /* with its charset */
    const char *etag;         /* quoted, from the file's contents */
    th_slice_t body;
} th_page_file_t;

/* Generated from page/ by embed_page.cmake. */
extern const th_page_file_t th_page_files[];
extern const size_t th_page_file_count;

/* The file at exactly that path; NULL when there is none. */
const th_page_file_t *th_page_find(th_slice_t path);

#endif
