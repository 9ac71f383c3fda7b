/* parameters.c - one header against one argument. */
#include "mcp/parameters.h"

#include <stdio.h>
#include <stdlib.h>

#include "mcp/http_headers.h"

#define PREFIX "Mcp-Param-"

typedef struct mirrored {
    th_slice_t value;
    size_t count;
} mirrored_t;

static mirrored_t find(const th_http_request_t *request, const char *name) {
    mirrored_t found = {{NULL, 0}, 0};
    size_t length = strlen(name);

    for (size_t i = 0; i < request->header_count; i++) {
        const th_http_header_t *header = &request->headers[i];
        if (header->name.length != sizeof PREFIX - 1 + length ||
            strncasecmp(header->name.data, PREFIX, sizeof PREFIX - 1) != 0 ||
            strncasecmp(header->name.data + sizeof PREFIX - 1, name, length) != 0)
            continue;
        found.value = header->value;
        found.count++;
    }
    return found;
}

static bool refuse(th_rpc_fault_t *fault, const th_header_t *header, const char *problem) {
    return th_rpc_fault_set(fault, 400, TH_RPC_HEADER_MISMATCH, "The header " PREFIX "%s %s",
                            header->name, problem);
}

/* `-12`, `42.0`: a plain decimal without exponent. */
static bool is_plain_decimal(th_slice_t text) {
    size_t i = text.length && text.data[0] == '-', digits = 0;
    bool dot = false;

    for (; i < text.length; i++) {
        if (text.data[i] == '.' && !dot && digits)
            dot = true;
        else if (text.data[i] >= '0' && text.data[i] <= '9')
            digits++;
        else
            return false;
    }
    return digits > 0 && digits < 40 && text.data[text.length - 1] != '.';
}

static bool number_agrees(th_slice_t text, th_json_value_t value) {
    char copy[48];
    double number;

    if (!is_plain_decimal(text) || text.length >= sizeof copy || !th_json_number(value, &number))
        return false;
    memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    return strtod(copy, NULL) == number;
}

/* A body value of the wrong type is left to the check of the arguments: then any header agrees. */
static bool agrees(th_slice_t text, th_json_value_t value) {
    th_slice_t string;
    bool flag;

    if (th_json_string(value, &string)) return th_slice_equal(text, string);
    if (th_json_boolean(value, &flag)) return th_slice_is(text, flag ? "true" : "false");
    switch (th_json_type(value)) {
    case TH_JSON_INTEGER:
    case TH_JSON_UNSIGNED:
    case TH_JSON_REAL: return number_agrees(text, value);
    default: return true;
    }
}

static bool check_one(const th_http_request_t *request, const th_header_t *header,
                      th_json_value_t value, th_rpc_fault_t *fault) {
    mirrored_t sent = find(request, header->name);
    th_json_type_t type = th_json_type(value);
    th_buffer_t decoded;
    bool fine;

    if (type == TH_JSON_ABSENT || type == TH_JSON_NULL)
        return sent.count == 0 ||
               refuse(fault, header, "mirrors an argument that the body does not have");
    if (sent.count == 0)
        return refuse(fault, header, "is missing, although the body has the argument");
    if (sent.count > 1) return refuse(fault, header, "may be sent only once");
    if (!th_header_is_clean(sent.value))
        return refuse(fault, header,
                      "has bytes outside printable ASCII; encode them as =?base64?...?=");
    th_buffer_init(&decoded, sent.value.length + 1);
    if (!th_routing_decode(th_header_trim(sent.value), &decoded))
        fine = refuse(fault, header, "is not valid base64 of UTF-8 between =?base64? and ?=");
    else
        fine = agrees(th_buffer_slice(&decoded), value) ||
               refuse(fault, header, "says something else than the body");
    th_buffer_reset(&decoded);
    return fine;
}

bool th_parameters_check(const th_http_request_t *request, const th_tool_t *tool,
                         th_json_value_t arguments, th_rpc_fault_t *fault) {
    for (size_t i = 0; i < tool->header_count; i++) {
        const th_header_t *header = &tool->headers[i];
        if (!check_one(request, header, th_header_value(header, arguments), fault)) return false;
    }
    return true;
}
