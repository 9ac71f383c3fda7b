/* content.h - further content blocks of a tool result, for revisions that do not know every kind.
 */
#ifndef TH_MCP_CONTENT_H
#define TH_MCP_CONTENT_H

#include "base/slice.h"
#include "mcp/revision.h"
#include "json/document.h"
#include "json/writer.h"

/* Writes the elements of <blocks> (a JSON array as text, as a script gave it) into the open array.
 * Kinds and members that <revision> lacks degrade to text or are left out. */
void th_content_write(th_json_writer_t *writer, const th_revision_t *revision,
                      th_json_parser_t *parser, th_slice_t blocks);
/* One block. */
void th_content_write_block(th_json_writer_t *writer, const th_revision_t *revision,
                            th_json_value_t block);
/* A prompt's messages, and what a resource contains: whole arrays, as text from a script. */
void th_content_write_messages(th_json_writer_t *writer, const th_revision_t *revision,
                               th_json_parser_t *parser, th_slice_t messages);
void th_content_write_resources(th_json_writer_t *writer, const th_revision_t *revision,
                                th_json_parser_t *parser, th_slice_t contents);

#endif
