/* result_text.h - a tool's result as the model reads it.
 * What comes back from the API was written by many people, some of whom may hope that a model obeys
 * it. It is marked as data, cleaned of characters that a person would not see, and cut. That makes
 * nothing safe by itself: consent (core/session/consent.h) does. */
#ifndef TH_CHAT_RESULT_TEXT_H
#define TH_CHAT_RESULT_TEXT_H

#include "base/buffer.h"
#include "base/slice.h"

/* Appends the result of <tool>: at most about <most> bytes. False when the buffer failed. */
bool th_result_text(th_buffer_t *out, const char *tool, th_slice_t text, size_t most);
/* The same for one that failed: code, message, and field and hint where there are any. */
bool th_failure_text(th_buffer_t *out, const char *code, const char *message, const char *field,
                     const char *hint);

/* The same marks around what th_failure_text() made of a tool's own failure: the API's words are in
 * it. */
bool th_failed_result_text(th_buffer_t *out, const char *tool, th_slice_t failure);

#endif
