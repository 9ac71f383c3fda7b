/* fetch_global.c - libcurl's process-wide start, with an allocator that forgets.
 * libcurl copies request heads (and with them the credential) into buffers of its own; it frees
 * them through these functions, which overwrite every block before the heap may hand it to anyone
 * else. */
#include "loop/fetch.h"

#include <curl/curl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void wiping_free(void *block) {
    if (!block) return;
    explicit_bzero(block, malloc_usable_size(block));
    free(block);
}

/* realloc() may move a block and leave the old bytes behind: so the move is made here. */
static void *wiping_realloc(void *block, size_t size) {
    if (!block) return malloc(size);
    size_t had = malloc_usable_size(block);
    if (size <= had && size >= had / 4) return block;
    void *moved = malloc(size);
    if (!moved) return NULL;
    memcpy(moved, block, size < had ? size : had);
    wiping_free(block);
    return moved;
}

bool th_fetch_global_start(th_error_t *error) {
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    CURLcode code = curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiping_free, wiping_realloc,
                                         strdup, calloc);
    if (code == CURLE_OK) return true;
    return th_error_set(error, "no_http_client", "libcurl cannot start: %s",
                        curl_easy_strerror(code));
}

void th_fetch_global_stop(void) {
    curl_global_cleanup();
}
