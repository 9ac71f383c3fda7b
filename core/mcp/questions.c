/* questions.c - the set, its answers and what is written of it. */
#include "mcp/questions.h"

#include <stdlib.h>
#include <string.h>

/* All answers of one set together, as text. */
#define ANSWERS_MAX ((size_t)1024 * 1024)

static th_question_t *question_at(th_list_t *node) {
    return TH_CONTAINER(node, th_question_t, link);
}

void th_questions_init(th_questions_t *questions) {
    *questions = (th_questions_t){.count = 0};
    th_list_init(&questions->list);
}

void th_questions_clear(th_questions_t *questions) {
    for (th_list_t *first; (first = th_list_take_first(&questions->list));) {
        th_question_t *question = question_at(first);
        free(question->answer);
        free(question);
    }
    questions->count = questions->open = 0;
}

/* Key and params lie behind the struct, in the same block. */
static th_question_t *question_new(const th_ask_t *ask) {
    th_question_t *question =
        calloc(1, sizeof *question + ask->key.length + 1 + ask->params.length + 1);
    if (!question) return NULL;
    char *key = (char *)(question + 1), *params = key + ask->key.length + 1;
    if (ask->key.length) memcpy(key, ask->key.data, ask->key.length);
    if (ask->params.length) memcpy(params, ask->params.data, ask->params.length);
    th_list_init(&question->link);
    question->kind = ask->kind;
    question->key = key;
    question->params = th_slice(params, ask->params.length);
    return question;
}

bool th_questions_put(th_questions_t *questions, const th_ask_t *asks, size_t count,
                      th_error_t *error) {
    th_questions_clear(questions);
    for (size_t i = 0; i < count; i++) {
        th_question_t *question = question_new(&asks[i]);
        if (!question) {
            th_questions_clear(questions);
            return th_error_set(error, "no_memory", "The host is out of memory.");
        }
        th_list_add_tail(&questions->list, &question->link);
        questions->count++;
        questions->open++;
    }
    return true;
}

th_client_t th_asks_need(const th_ask_t *asks, size_t count) {
    th_client_t need = {.form = false};

    for (size_t i = 0; i < count; i++)
        switch (asks[i].kind) {
        case TH_ASK_FORM: need.form = true; break;
        case TH_ASK_URL: need.url = true; break;
        case TH_ASK_SAMPLE: need.sampling = true; break;
        case TH_ASK_ROOTS: need.roots = true; break;
        }
    return need;
}

const char *th_ask_method(th_ask_kind_t kind) {
    switch (kind) {
    case TH_ASK_FORM:
    case TH_ASK_URL: return "elicitation/create";
    case TH_ASK_SAMPLE: return "sampling/createMessage";
    case TH_ASK_ROOTS: return "roots/list";
    }
    return "";
}

bool th_answer_fits(th_ask_kind_t kind, th_json_value_t answer) {
    switch (kind) {
    case TH_ASK_FORM:
    case TH_ASK_URL: return th_json_is_string(th_json_member(answer, "action"));
    case TH_ASK_SAMPLE: return th_json_member(answer, "content").document != NULL;
    case TH_ASK_ROOTS: return th_json_is_array(th_json_member(answer, "roots"));
    }
    return false;
}

/* Takes over the bytes of <out>. */
static bool keep(th_questions_t *questions, th_question_t *question, th_json_writer_t *writer,
                 th_buffer_t *out) {
    if (!question->answer && th_json_writer_finish(writer, NULL))
        question->answer = th_buffer_take(out, &question->answer_length);
    th_buffer_reset(out);
    if (!question->answer) return false;
    questions->open--;
    return true;
}

bool th_question_answer(th_questions_t *questions, th_question_t *question,
                        th_json_value_t answer) {
    th_json_writer_t writer;
    th_buffer_t out;

    if (question->answer) return false;
    th_buffer_init(&out, ANSWERS_MAX);
    th_json_writer_init(&writer, &out, 0);
    th_json_write_value(&writer, answer);
    return keep(questions, question, &writer, &out);
}

bool th_question_fail(th_questions_t *questions, th_question_t *question, const char *code,
                      th_slice_t message) {
    th_json_writer_t writer;
    th_buffer_t out;

    if (question->answer) return false;
    th_buffer_init(&out, 8192);
    th_json_writer_init(&writer, &out, 0);
    th_json_write_object(&writer);
    th_json_write_key(&writer, TH_SLICE("error"));
    th_json_write_object(&writer);
    th_json_write_member_text(&writer, "code", code);
    th_json_write_member_string(&writer, "message", message.length > 1000 ? TH_SLICE("") : message);
    th_json_write_end(&writer);
    th_json_write_end(&writer);
    return keep(questions, question, &writer, &out);
}

void th_questions_take(th_questions_t *questions, th_json_value_t responses) {
    for (th_list_t *at = questions->list.next; at != &questions->list; at = at->next) {
        th_question_t *question = question_at(at);
        th_json_value_t answer = th_json_member(responses, question->key);
        if (th_answer_fits(question->kind, answer))
            (void)th_question_answer(questions, question, answer);
    }
}

void th_questions_write(const th_questions_t *questions, th_json_writer_t *writer) {
    th_json_write_object(writer);
    for (th_list_t *at = questions->list.next; at != &questions->list; at = at->next) {
        const th_question_t *question = question_at(at);
        if (question->answer) continue;
        th_json_write_key(writer, th_slice_of(question->key));
        th_json_write_object(writer);
        th_json_write_member_text(writer, "method", th_ask_method(question->kind));
        /* Of roots/list they are empty and could be left out, but the Go client needs them. */
        th_json_write_key(writer, TH_SLICE("params"));
        th_json_write_raw(writer, question->params);
        th_json_write_end(writer);
    }
    th_json_write_end(writer);
}

void th_questions_write_keys(const th_questions_t *questions, th_json_writer_t *writer) {
    th_json_write_array(writer);
    for (th_list_t *at = questions->list.next; at != &questions->list; at = at->next)
        if (!question_at(at)->answer)
            th_json_write_string(writer, th_slice_of(question_at(at)->key));
    th_json_write_end(writer);
}

th_json_document_t *th_questions_answers(const th_questions_t *questions,
                                         th_json_parser_t *parser) {
    th_json_writer_t writer;
    th_json_document_t *document = NULL;
    th_buffer_t out;

    th_buffer_init(&out, ANSWERS_MAX + 4096);
    th_json_writer_init(&writer, &out, 0);
    th_json_write_object(&writer);
    for (th_list_t *at = questions->list.next; at != &questions->list; at = at->next) {
        const th_question_t *question = question_at(at);
        if (!question->answer) continue;
        th_json_write_key(&writer, th_slice_of(question->key));
        th_json_write_raw(&writer, th_slice(question->answer, question->answer_length));
    }
    th_json_write_end(&writer);
    if (th_json_writer_finish(&writer, NULL))
        document = th_json_parse(parser, th_buffer_slice(&out), &th_json_limits_answer, NULL);
    th_buffer_wipe(&out);
    return document;
}
