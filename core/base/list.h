/* list.h - an intrusive doubly linked ring: the node lives in the object, so linking cannot fail.
 */
#ifndef TH_BASE_LIST_H
#define TH_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct th_list {
    struct th_list *next, *prev; /* a head or an unlinked node points at itself */
} th_list_t;

/* The object that holds <member> at <node>. */
#define TH_CONTAINER(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

static inline void th_list_init(th_list_t *list) {
    list->next = list->prev = list;
}

static inline bool th_list_is_empty(const th_list_t *list) {
    return list->next == list;
}

static inline void th_list_add_tail(th_list_t *list, th_list_t *node) {
    node->prev = list->prev;
    node->next = list;
    list->prev->next = node;
    list->prev = node;
}

/* Safe on an unlinked (initialised) node. */
static inline void th_list_remove(th_list_t *node) {
    node->prev->next = node->next;
    node->next->prev = node->prev;
    th_list_init(node);
}

/* Unlinks and returns the first node; NULL when there is none. */
static inline th_list_t *th_list_take_first(th_list_t *list) {
    th_list_t *node = list->next;
    if (node == list) return NULL;
    list->next = node->next;
    node->next->prev = list;
    th_list_init(node);
    return node;
}

#endif
