/* multipart.h - bodies of multipart/form-data (RFC 7578), as files are uploaded. Built whole in a
 * bounded buffer, so that a body can be sent again when a connection did not come about. */
#ifndef TH_TALLYFY_MULTIPART_H
#define TH_TALLYFY_MULTIPART_H

#include "base/buffer.h"
#include "base/error.h"

#define TH_MULTIPART_TYPE_SIZE 96   /* "multipart/form-data; boundary=..." and NUL */
#define TH_MULTIPART_NAME_MAX 180   /* bytes of a file's name, as Tallyfy keeps them */
#define TH_MULTIPART_OVERHEAD 65536 /* bytes of a body besides the file, at most */
#define TH_MULTIPART_PARTS 32       /* at most */

typedef struct th_multipart {
    th_buffer_t *body;                 /* borrowed; a failed one says so at th_multipart_end() */
    char type[TH_MULTIPART_TYPE_SIZE]; /* the value of Content-Type */
    unsigned parts;
} th_multipart_t;

/* Empties <body>, and draws a boundary that no content can know. */
void th_multipart_begin(th_multipart_t *form, th_buffer_t *body);
/* A part with a text of any bytes. False with <error> "bad_request": the name is no word of 1 to 64
 * of A-Z a-z 0-9 _ . - [ ], or there are too many parts, or they are too long together. */
bool th_multipart_text(th_multipart_t *form, th_slice_t name, th_slice_t value, th_error_t *error);
/* The head of a file's part; its bytes are added to <body> by the caller. <filename> must have gone
 * through th_multipart_filename(). False with <error> "bad_request": see above, or <type> is no
 * media type such as application/pdf. */
bool th_multipart_file(th_multipart_t *form, th_slice_t name, th_slice_t filename, th_slice_t type,
                       th_error_t *error);
/* Closes the body behind the last part. False with "too_large": it went over its ceiling, or memory
 * ran out. */
bool th_multipart_end(th_multipart_t *form, th_error_t *error);

/* What may stand in a header of <given>: no path before it, no control characters, quotes or marks
 * that turn the direction of writing (each becomes _), no spaces or dots at its ends, at most
 * TH_MULTIPART_NAME_MAX bytes with its extension kept. Returns its length in <out>, 0 when nothing
 * is left or it is not UTF-8. */
size_t th_multipart_filename(th_slice_t given, char out[static TH_MULTIPART_NAME_MAX + 1]);

#endif
