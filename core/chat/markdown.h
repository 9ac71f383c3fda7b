/* markdown.h - what a model wrote, as HTML that can do nothing.
 * Raw HTML is left out, links go only where links may go (cmark's safe mode), and images become
 * links: a picture that loads by itself would tell somebody else that, and what, was read. */
#ifndef TH_CHAT_MARKDOWN_H
#define TH_CHAT_MARKDOWN_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/slice.h"

/* Longer texts, and such as would keep cmark busy for long, are shown as they are, in <pre>. */
#define TH_MARKDOWN_MAX ((size_t)128 * 1024)

/* Appends the HTML of <text> (UTF-8). False when memory or the buffer's room ran out. */
bool th_markdown_html(th_buffer_t *out, th_slice_t text);

#endif
