/* model_key.h - the key to the language model's API, one for the whole process.
 * Taken out of the environment once, before the first thread starts, into locked memory outside
 * core dumps; then only read. It comes out as a header line composed at send time, nothing else. */
#ifndef TH_CHAT_MODEL_KEY_H
#define TH_CHAT_MODEL_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

typedef struct th_model_key th_model_key_t;

#define TH_MODEL_KEY_VARIABLE "TALLYHOST_MODEL_KEY"
#define TH_MODEL_KEY_MAX 4096 /* bytes */

/* Takes TALLYHOST_MODEL_KEY out of the environment, after .env was read and before the settings
 * are (they refuse TALLYHOST_ variables that are no setting). True with <*key> NULL when it is not
 * set; false with <error> "bad_credential" or "cannot_lock". */
bool th_model_key_take(th_model_key_t **key, th_error_t *error);
/* The same from bytes (tests). */
bool th_model_key_make(th_slice_t bytes, th_model_key_t **key, th_error_t *error);
void th_model_key_free(th_model_key_t *key); /* wipes; NULL is fine */

/* For th_fetch_request_t.secret_header, <secret> being the key: "x-api-key: KEY" and
 * "Authorization: Bearer KEY". 0 when it does not fit. */
size_t th_model_key_header(void *secret, char *out, size_t size);
size_t th_model_key_bearer(void *secret, char *out, size_t size);
/* Whether the key stands in <text>: what a provider says about a key must not be passed on. */
bool th_model_key_occurs(const th_model_key_t *key, th_slice_t text);

#endif
