/* ask_params.h - a question's params by revision. Tools ask in the newest form; what an older
 * revision does not know is left out or said in its words (requirements.md a and d). */
#ifndef TH_MCP_ASK_PARAMS_H
#define TH_MCP_ASK_PARAMS_H

#include "mcp/questions.h"
#include "mcp/revision.h"
#include "json/writer.h"

/* Writes the params object. When it cannot be asked at all (a list of choices before 2025-11-25)
 * the writer fails and <error> says why ("cannot_ask"). */
void th_ask_write_params(th_json_writer_t *writer, const th_revision_t *revision,
                         th_json_parser_t *parser, const th_question_t *question,
                         th_error_t *error);

#endif
