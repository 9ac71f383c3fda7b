/* tool_list.c - reads a list word by word, anew for each question; nothing is kept. */
#include "session/tool_list.h"

#include <string.h>

typedef struct word {
    bool takes_away;
    th_slice_t name, effect;
} word_t;

/* False at the end of the list. */
static bool next_word(const char **at, word_t *word) {
    *at += strspn(*at, " ");
    size_t length = strcspn(*at, " ");
    if (length == 0) return false;
    word->takes_away = **at == '-';
    const char *name = *at + word->takes_away;
    size_t name_length = length - word->takes_away;
    const char *colon = memchr(name, ':', name_length);
    size_t before = colon ? (size_t)(colon - name) : name_length;
    word->name = th_slice(name, before);
    word->effect = colon ? th_slice(colon + 1, name_length - before - 1) : th_slice("", 0);
    *at += length;
    return true;
}

static bool has_effect(th_slice_t wanted, th_effect_t effect) {
    static const char *const names[] = {"read", "add", "change", "remove"};
    if (wanted.length == 0) return true;
    if (th_slice_is(wanted, "write")) return effect != TH_EFFECT_READ;
    return th_slice_is(wanted, names[effect]);
}

static bool means(const word_t *word, const th_item_t *item) {
    return (th_slice_is(word->name, "*") || th_slice_is(word->name, item->name) ||
            th_slice_is(word->name, item->domain)) &&
           has_effect(word->effect, item->effect);
}

bool th_tool_list_holds(const char *list, const th_item_t *item) {
    bool held = false;
    word_t word;
    while (next_word(&list, &word)) {
        if (!means(&word, item)) continue;
        if (word.takes_away) return false;
        held = true;
    }
    return held;
}

static bool names_something(th_slice_t name, const th_catalogue_t *catalogue) {
    if (th_slice_is(name, "*")) return true;
    const th_item_t *item;
    for (size_t i = 0; (item = th_catalogue_tool(catalogue, i)); i++)
        if (th_slice_is(name, item->name) || th_slice_is(name, item->domain)) return true;
    for (size_t i = 0; (item = th_catalogue_resource(catalogue, i)); i++)
        if (th_slice_is(name, item->name) || th_slice_is(name, item->domain)) return true;
    for (size_t i = 0; (item = th_catalogue_prompt(catalogue, i)); i++)
        if (th_slice_is(name, item->name) || th_slice_is(name, item->domain)) return true;
    return false;
}

th_slice_t th_tool_list_unknown(const char *list, const th_catalogue_t *catalogue) {
    word_t word;
    while (next_word(&list, &word))
        if (!names_something(word.name, catalogue)) return word.name;
    return th_slice("", 0);
}
