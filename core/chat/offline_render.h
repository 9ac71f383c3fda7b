/* offline_render.h - results as short Markdown for people.
 * What comes from the API is data: every character that means something in Markdown or HTML is
 * escaped, control characters become blanks, long texts are cut. */
#ifndef TH_CHAT_OFFLINE_RENDER_H
#define TH_CHAT_OFFLINE_RENDER_H

#include "base/buffer.h"
#include "chat/offline_view.h"
#include "date/zone.h"

/* What tells which deadlines are over, and how moments are written. */
typedef struct th_offline_clock {
    int64_t now_s;
    const th_zone_t *zone; /* the person's; borrowed */
} th_offline_clock_t;

/* At most <most> bytes of <text>, escaped, on one line. */
void th_offline_say(th_buffer_t *out, th_slice_t text, size_t most);
/* A list (numbered), one thing in detail, or what the tool said. */
void th_offline_render(th_buffer_t *out, const th_offline_result_t *result,
                       const th_offline_clock_t *clock);
/* "That did not work: ...". */
void th_offline_render_failure(th_buffer_t *out, const th_offline_result_t *result);
void th_offline_render_help(th_buffer_t *out);

#endif
