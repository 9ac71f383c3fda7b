/* offline_words.h - reading a sentence from its beginning: words, quotes, numbers. Pure. */
#ifndef TH_CHAT_OFFLINE_WORDS_H
#define TH_CHAT_OFFLINE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "chat/offline_commands.h"

th_slice_t th_words_trimmed(th_slice_t text);
/* Also without marks at the end. */
th_slice_t th_words_without_marks(th_slice_t text);
bool th_words_is_blank(char byte);
/* Moves behind <words> (lower case), which must end where a word ends; one blank in it stands for
 * any. */
bool th_words_skip(th_slice_t *text, const char *words);
bool th_words_skip_one_of(th_slice_t *text, const char *const *words); /* NULL ends the list */
/* Copies into <place>, cut at a character. */
void th_words_keep(char *place, size_t size, th_slice_t text);
/* The first place of <words> in <text> without regard to case, or the last; SIZE_MAX: nowhere. */
size_t th_words_find(th_slice_t text, const char *words, bool last);
/* In quotes, a name may hold any words; <*rest> is what follows. */
bool th_words_quoted(th_slice_t text, th_slice_t *name, th_slice_t *rest);
/* "the", "task", "number": what may stand before a number or a name. */
bool th_words_skip_kind(th_slice_t *text);
/* The kind that <text> begins with. */
th_noun_t th_words_noun(th_slice_t text);
/* "3", "tasks 1, 2 and 4", "#2": leaves <*text> behind them; nothing is read where no number is. */
void th_words_numbers(th_slice_t *text, th_command_t *command);

#endif
