/* visible.h - text from elsewhere made harmless, two ways.
 * For the eye (cards): every character that cannot be seen, or that changes the order of others, is
 * shown by its number, so that what is approved is what is read. For the model (results): such
 * characters are left out. Pure. */
#ifndef TH_CHAT_VISIBLE_H
#define TH_CHAT_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

/* Control characters (line feed and tab are fine), direction marks and overrides, zero-width and
 * invisible ones, tag characters, variation selectors, private use and what is no character. */
bool th_char_is_hidden(uint32_t c);

/* Appends <text> with hidden characters as ⟨U+202E⟩; invalid UTF-8 as ⟨bytes⟩. True in <*odd> when
 * there were any. False when the buffer failed. */
bool th_text_show(th_buffer_t *out, th_slice_t text, bool *odd);
/* Appends <text> without them (invalid bytes become U+FFFD), at most <most> bytes of it, cut at a
 * character. <*cut> tells whether there was more. False when the buffer failed. */
bool th_text_clean(th_buffer_t *out, th_slice_t text, size_t most, bool *cut);

#endif
