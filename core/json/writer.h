/* writer.h - writes JSON into a buffer, with budgets for depth, nodes and bytes (the buffer's
 * ceiling). Commas and colons are put by the writer. A failure is remembered: check
 * th_json_writer_finish() once at the end. Bytes above 0x7f must be valid UTF-8 and are written as
 * they are; invalid ones are a failure ("bad_utf8"). NaN and infinity are a failure. */
#ifndef TH_JSON_WRITER_H
#define TH_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "json/document.h"

#define TH_JSON_WRITER_DEPTH 64

typedef struct th_json_writer {
    th_buffer_t *buffer; /* borrowed */
    uint32_t nodes_left;
    uint32_t depth;
    uint64_t is_object; /* bit per level */
    bool need_comma;
    bool after_key;
    const char *failure; /* NULL = fine; a code word otherwise */
} th_json_writer_t;

/* <nodes> is the budget of values and keys; 0 takes 2,000,000. */
void th_json_writer_init(th_json_writer_t *writer, th_buffer_t *buffer, uint32_t nodes);

void th_json_write_object(th_json_writer_t *writer); /* opens { */
void th_json_write_array(th_json_writer_t *writer);  /* opens [ */
void th_json_write_end(th_json_writer_t *writer);    /* closes the innermost */
void th_json_write_key(th_json_writer_t *writer, th_slice_t key);
void th_json_write_string(th_json_writer_t *writer, th_slice_t text);
void th_json_write_integer(th_json_writer_t *writer, int64_t number);
void th_json_write_unsigned(th_json_writer_t *writer, uint64_t number);
void th_json_write_real(th_json_writer_t *writer,
                        double number); /* shortest form that reads back */
void th_json_write_boolean(th_json_writer_t *writer, bool value);
void th_json_write_null(th_json_writer_t *writer);
/* A value of a document, whole; absent is written as null. Fast: nothing is checked twice. */
void th_json_write_value(th_json_writer_t *writer, th_json_value_t value);
/* Text that is already one JSON value (rendered by this writer earlier). Not checked. */
void th_json_write_raw(th_json_writer_t *writer, th_slice_t json);

/* key and value in one. */
void th_json_write_member_string(th_json_writer_t *writer, const char *key, th_slice_t text);
void th_json_write_member_text(th_json_writer_t *writer, const char *key, const char *text);
void th_json_write_member_integer(th_json_writer_t *writer, const char *key, int64_t number);
void th_json_write_member_boolean(th_json_writer_t *writer, const char *key, bool value);
void th_json_write_member_value(th_json_writer_t *writer, const char *key, th_json_value_t value);

/* Only the escaped text with its quotes, for one string. False when the text is not valid UTF-8 or
 * the buffer failed; the buffer is then as before or failed. */
bool th_json_escape(th_buffer_t *buffer, th_slice_t text);

/* JSON of a value for people: appended to <buffer>, cut after about <most> bytes with an ellipsis.
 * False when the buffer failed. */
bool th_json_write_excerpt(th_buffer_t *buffer, th_json_value_t value, size_t most);

/* True when all was written and everything opened was closed; <error> says what failed:
 * "too_deep", "too_large", "bad_utf8", "bad_number", "unbalanced". */
bool th_json_writer_finish(th_json_writer_t *writer, th_error_t *error);

#endif
