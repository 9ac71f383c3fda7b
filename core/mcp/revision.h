/* revision.h - the revisions of the protocol as rows of one table: what each knows and what it
 * never gets to see. Everything that differs by revision asks a row; nobody else compares version
 * strings. "Legacy" revisions open with `initialize`; "modern" ones say everything in each
 * request's _meta. */
#ifndef TH_MCP_REVISION_H
#define TH_MCP_REVISION_H

#include <stdbool.h>

#include "base/slice.h"
#include "script/catalogue.h"

typedef enum th_revision_number {
    TH_REVISION_2024_11_05,
    TH_REVISION_2025_03_26,
    TH_REVISION_2025_06_18,
    TH_REVISION_2025_11_25,
    TH_REVISION_2026_07_28,
    TH_REVISION_COUNT,
} th_revision_number_t;

typedef struct th_revision {
    const char *name; /* as it stands on the wire */
    th_revision_number_t number;
    th_tool_list_form_t tool_list;
    bool modern;
    bool null_error_id;      /* an error without a readable id carries "id":null */
    bool audio;              /* content blocks of type audio */
    bool resource_link;      /* content blocks of type resource_link; titles and _meta on blocks */
    bool structured_content; /* structuredContent, as an object */
    bool structured_any;     /* structuredContent may be any JSON value */
    bool titles;             /* serverInfo.title */
    bool progress_message;   /* notifications/progress has `message` */
    bool elicitation;        /* elicitation/create */
    bool elicitation_url;    /* its url mode; defaults and titled choices in forms */
    bool sampling_tools;     /* tools and lists of blocks in sampling/createMessage */
    bool icons;              /* icons on what is linked to */
    bool batches;            /* arrays of messages */
    bool priming;            /* an event without data may open a stream; the server may hang up */
    int not_found;           /* error code for an unknown resource */
} th_revision_t;

const th_revision_t *th_revision_at(th_revision_number_t number);
/* NULL when we do not serve it. Exact comparison. */
const th_revision_t *th_revision_find(th_slice_t name);
/* What `initialize` answers: the one asked for if it is a legacy one we serve, else our latest
 * legacy. */
const th_revision_t *th_revision_negotiate(th_slice_t asked);
/* Names no known legacy revision but sorts at or behind the first modern one, as "v999" does: such
 * a client speaks the modern wire, whether or not we know that revision (requirements.md b.5, 5).
 */
bool th_revision_sounds_modern(th_slice_t name);

/* JSON array of the modern revisions: server/discover.supportedVersions and -32022's
 * data.supported. */
#define TH_REVISION_MODERN_LIST "[\"2026-07-28\"]"

#endif
