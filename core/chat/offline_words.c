/* offline_words.c - bytes of a sentence. */
#include "chat/offline_words.h"

#include <string.h>

#include "base/error.h"

/* ---- words ---- */

bool th_words_is_blank(char byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

th_slice_t th_words_trimmed(th_slice_t text) {
    while (text.length > 0 && th_words_is_blank(text.data[0]))
        text = th_slice(text.data + 1, text.length - 1);
    while (text.length > 0 && th_words_is_blank(text.data[text.length - 1]))
        text.length--;
    return text;
}

th_slice_t th_words_without_marks(th_slice_t text) {
    text = th_words_trimmed(text);
    while (text.length > 0 && strchr(".!?,;:", text.data[text.length - 1]))
        text = th_words_trimmed(th_slice(text.data, text.length - 1));
    return text;
}

static bool is_word_byte(char byte) {
    unsigned char code = (unsigned char)byte;
    return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
           (code >= '0' && code <= '9') || code >= 0x80 || code == '_';
}

/* Moves behind <words>, which must end where a word ends; one blank in it stands for any. */
bool th_words_skip(th_slice_t *text, const char *words) {
    size_t at = 0;
    for (; *words; words++) {
        if (at >= text->length) return false;
        if (*words == ' ') {
            if (!th_words_is_blank(text->data[at])) return false;
            while (at < text->length && th_words_is_blank(text->data[at]))
                at++;
            continue;
        }
        char byte = text->data[at++];
        if ((byte >= 'A' && byte <= 'Z' ? byte + 32 : byte) != *words) return false;
    }
    if (at > 0 && at < text->length && is_word_byte(text->data[at - 1]) &&
        is_word_byte(text->data[at]))
        return false;
    *text = th_words_trimmed(th_slice(text->data + at, text->length - at));
    return true;
}

bool th_words_skip_one_of(th_slice_t *text, const char *const *words) {
    for (; *words; words++)
        if (th_words_skip(text, *words)) return true;
    return false;
}

void th_words_keep(char *place, size_t size, th_slice_t text) {
    size_t length = text.length < size - 1 ? text.length : size - 1;
    if (length) memcpy(place, text.data, length);
    place[length] = '\0';
    if (length < text.length) th_text_trim(place, size);
}

/* The last <words> in <text> (blanks around them), or the first: its place, or SIZE_MAX. */
size_t th_words_find(th_slice_t text, const char *words, bool last) {
    size_t length = strlen(words), found = SIZE_MAX;
    for (size_t at = 0; at + length <= text.length; at++) {
        if (strncasecmp(text.data + at, words, length) != 0) continue;
        found = at;
        if (!last) return found;
    }
    return found;
}

/* In quotes, a name may hold any words; <*rest> is what follows. */
bool th_words_quoted(th_slice_t text, th_slice_t *name, th_slice_t *rest) {
    static const char *const pairs[][2] = {
        {"\"", "\""}, {"'", "'"}, {"\xe2\x80\x9c", "\xe2\x80\x9d"}, {"\xc2\xab", "\xc2\xbb"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        size_t open = strlen(pairs[i][0]);
        if (text.length <= open || memcmp(text.data, pairs[i][0], open) != 0) continue;
        th_slice_t inside = th_slice(text.data + open, text.length - open);
        size_t end = th_words_find(inside, pairs[i][1], false);
        if (end == SIZE_MAX || end == 0) continue;
        size_t behind = end + strlen(pairs[i][1]);
        *name = th_words_trimmed(th_slice(inside.data, end));
        *rest = th_words_trimmed(th_slice(inside.data + behind, inside.length - behind));
        return true;
    }
    return false;
}

/* ---- numbers ---- */

static bool skip_number(th_slice_t *text, int *number) {
    th_slice_t at = *text;
    if (at.length > 0 && at.data[0] == '#') at = th_slice(at.data + 1, at.length - 1);
    size_t digits = 0;
    int value = 0;
    while (digits < at.length && at.data[digits] >= '0' && at.data[digits] <= '9' && digits < 4)
        value = value * 10 + (at.data[digits++] - '0');
    if (digits == 0 || value == 0) return false;
    if (digits < at.length && is_word_byte(at.data[digits])) return false; /* "3rd", "2b" */
    *text = th_words_trimmed(th_slice(at.data + digits, at.length - digits));
    *number = value;
    return true;
}

static const char *const kind_words[] = {"the",       "task",   "tasks",     "process",
                                         "processes", "number", "numbers",   "template",
                                         "templates", "no.",    "blueprint", NULL};

bool th_words_skip_kind(th_slice_t *text) {
    return th_words_skip_one_of(text, kind_words);
}

th_noun_t th_words_noun(th_slice_t text) {
    static const struct {
        const char *word;
        th_noun_t noun;
    } nouns[] = {{"task", TH_NOUN_TASK},
                 {"process", TH_NOUN_PROCESS},
                 {"template", TH_NOUN_TEMPLATE},
                 {"blueprint", TH_NOUN_TEMPLATE}};
    (void)th_words_skip(&text, "the");
    for (size_t i = 0; i < sizeof nouns / sizeof nouns[0]; i++)
        if (th_words_skip(&text, nouns[i].word)) return nouns[i].noun;
    return TH_NOUN_ANY;
}

/* "3", "tasks 1, 2 and 4", "#2": leaves <*text> behind them; nothing is read where no number is. */
void th_words_numbers(th_slice_t *text, th_command_t *command) {
    static const char *const between[] = {"and", "&", ",", NULL};
    th_slice_t at = *text;
    int number;
    while (th_words_skip_kind(&at)) {
    }
    while (command->number_count < TH_COMMAND_NUMBERS_MAX && skip_number(&at, &number)) {
        bool known = false;
        for (size_t i = 0; i < command->number_count; i++)
            known = known || command->numbers[i] == number;
        if (!known) command->numbers[command->number_count++] = number;
        *text = at;
        while (th_words_skip_one_of(&at, between)) {
        }
    }
}
