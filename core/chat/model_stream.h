/* model_stream.h - the events of a provider's stream become one answer.
 * Pure: no sockets, no timers; anthropic_stream.c and openai_stream.c fill it event by event, and
 * model_call.c brings it the events. Unknown events, blocks and members are ignored: providers add
 * them without notice. */
#ifndef TH_CHAT_MODEL_STREAM_H
#define TH_CHAT_MODEL_STREAM_H

#include "chat/answer.h"
#include "chat/model_failure.h"
#include "chat/provider.h"

typedef enum th_stream_step {
    TH_STREAM_GOES_ON,
    TH_STREAM_COMPLETE, /* the provider said that the answer is whole */
    TH_STREAM_FAILED,   /* <failure> says why */
    TH_STREAM_STOPPED,  /* on_text said so: touch nothing */
} th_stream_step_t;

typedef struct th_model_stream {
    th_answer_t answer;
    th_usage_t usage;
    th_stop_reason_t reason;
    bool begun;          /* a first event of the answer was seen */
    bool reason_known;   /* the provider said why it stopped */
    bool shown;          /* text went out: the request must not be repeated */
    th_error_t declined; /* with TH_STOP_REFUSAL: the provider's reason */
    th_model_failure_t failure;
    size_t event_bytes;
    /* A piece of text for the person; false: stop here. */
    bool (*on_text)(void *arg, th_slice_t piece);
    void *arg;
} th_model_stream_t;

void th_model_stream_init(th_model_stream_t *stream, size_t answer_bytes, size_t input_bytes,
                          size_t event_bytes, bool (*on_text)(void *arg, th_slice_t piece),
                          void *arg);
/* Frees what was collected, for another attempt or for good. */
void th_model_stream_reset(th_model_stream_t *stream);

/* One event's data. */
th_stream_step_t th_anthropic_take(th_model_stream_t *stream, th_json_parser_t *parser,
                                   th_slice_t data);
th_stream_step_t th_openai_take(th_model_stream_t *stream, th_json_parser_t *parser,
                                th_slice_t data);
/* The body ended without a last event: whether the answer is whole all the same. */
bool th_anthropic_ended(th_model_stream_t *stream);
bool th_openai_ended(th_model_stream_t *stream);

/* ---- for the two streams ---- */
th_stream_step_t th_stream_broken(th_model_stream_t *stream, const char *what);
/* Text for the person, kept in <block> and passed on. */
th_stream_step_t th_stream_show(th_model_stream_t *stream, th_answer_block_t *block,
                                th_slice_t piece);
/* Parses an event; NULL with the failure set. */
th_json_document_t *th_stream_parse(th_model_stream_t *stream, th_json_parser_t *parser,
                                    th_slice_t data);
/* A count of a usage object into <out>: absent, null and nonsense leave it alone. */
void th_stream_count(th_json_value_t usage, const char *name, int64_t *out);
/* The refusal's sentence for the person. <explanation> may be empty. */
void th_stream_decline(th_model_stream_t *stream, th_slice_t explanation);

#endif
