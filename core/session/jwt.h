/* jwt.h - reads a claim of a JSON Web Token without checking its signature.
 * Only for narrowing: which organisation a token was made for, which scopes it is limited to. The
 * API then decides whether the token is good. Nothing here may be taken as proof of identity. */
#ifndef TH_SESSION_JWT_H
#define TH_SESSION_JWT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "json/document.h"

/* Copies the claim <name> of the token's payload into <out> (NUL-terminated): a string as it is, a
 * list of strings joined by blanks. False when <token> is not shaped like a JWT, lacks the claim,
 * or the claim is of another kind or does not fit. The decoded payload is wiped. */
bool th_jwt_claim(th_json_parser_t *parser, th_slice_t token, const char *name, char *out,
                  size_t size);
/* Whether the token has the claim, of whatever kind but null. */
bool th_jwt_has_claim(th_json_parser_t *parser, th_slice_t token, const char *name);

#endif
