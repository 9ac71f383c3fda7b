/* questions.h - questions put to a person or their client, and the answers as they come in.
 * One set per running call: what it waits for right now. Texts are copied in; keys are unique
 * within a set. Knows nothing of how a question travels. */
#ifndef TH_MCP_QUESTIONS_H
#define TH_MCP_QUESTIONS_H

#include "base/list.h"
#include "mcp/client.h"
#include "script/call.h"

typedef struct th_question {
    th_list_t link;
    th_ask_kind_t kind;
    const char *key;   /* NUL-terminated */
    th_slice_t params; /* JSON object */
    char id[32];       /* of the server's request on a legacy wire; "" elsewhere */
    char *answer;      /* owned JSON text, NULL = none yet */
    size_t answer_length;
} th_question_t;

typedef struct th_questions {
    th_list_t list;
    size_t count, open; /* open: without an answer */
} th_questions_t;

void th_questions_init(th_questions_t *questions);
void th_questions_clear(th_questions_t *questions);
/* False with <error>: out of memory; the set is empty then. */
bool th_questions_put(th_questions_t *questions, const th_ask_t *asks, size_t count,
                      th_error_t *error);

/* What a client must be able to do for these. */
th_client_t th_asks_need(const th_ask_t *asks, size_t count);

/* The method of a kind: "elicitation/create" and so on. */
const char *th_ask_method(th_ask_kind_t kind);
/* Is <answer> a bare result of this kind: an object with the member that kind must have? */
bool th_answer_fits(th_ask_kind_t kind, th_json_value_t answer);

/* Keeps the answer (or an error: `{"error":{..}}`) as text. False when it was answered before or
 * memory ran out. */
bool th_question_answer(th_questions_t *questions, th_question_t *question, th_json_value_t answer);
bool th_question_fail(th_questions_t *questions, th_question_t *question, const char *code,
                      th_slice_t message);
/* Takes what fits from an object key -> bare result; ignores the rest (unknown keys before their
 * values are looked at). */
void th_questions_take(th_questions_t *questions, th_json_value_t responses);

/* The object of inputRequests: key -> {method, params} of all without an answer. */
void th_questions_write(const th_questions_t *questions, th_json_writer_t *writer);
/* The JSON array of their keys. */
void th_questions_write_keys(const th_questions_t *questions, th_json_writer_t *writer);
/* All answers as one document, an object key -> answer. The caller owns it; NULL: out of memory. */
th_json_document_t *th_questions_answers(const th_questions_t *questions, th_json_parser_t *parser);

#endif
