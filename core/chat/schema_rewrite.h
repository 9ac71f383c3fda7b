/* schema_rewrite.h - a tool's input schema as a provider takes it.
 * A rewritten schema only ever allows more than the tool's own: the host checks every call against
 * that one anyway, so nothing is lost but a hint to the model.
 *
 * Both APIs want "type": "object" with "properties" at the top and refuse oneOf, anyOf and allOf
 * there (their branches' properties move up). Anthropic takes the rest of JSON Schema. Servers that
 * speak OpenAI's API differ: there only the common keywords go out, const becomes enum, oneOf
 * becomes anyOf, and every array says what its items are. */
#ifndef TH_CHAT_SCHEMA_REWRITE_H
#define TH_CHAT_SCHEMA_REWRITE_H

#include "json/document.h"
#include "json/writer.h"

typedef enum th_schema_taste { TH_SCHEMA_ANTHROPIC, TH_SCHEMA_OPENAI } th_schema_taste_t;

/* Absent, or anything but an object, is written as a schema without properties. */
void th_schema_rewrite(th_json_writer_t *writer, th_json_value_t schema, th_schema_taste_t taste);

#endif
