/* arguments.c - a tool's arguments against its schema, and the message that lets a model mend its
 * call. */
#include <stdio.h>
#include <string.h>

#include "session/internal.h"

#define ERRORS_SHOWN 5

static size_t append(char *message, size_t size, size_t at, const char *text) {
    if (at + 1 >= size) return at;
    int written = snprintf(message + at, size - at, "%s", text);
    size_t room = size - at - 1;
    return at + ((size_t)written < room ? (size_t)written : room);
}

bool th_arguments_check(const th_item_t *tool, th_json_value_t arguments, char *message,
                        size_t size) {
    if (th_schema_validate(tool->input, arguments, NULL))
        return true; /* no report to fill: cheap */
    th_schema_report_t report = {0};
    if (th_schema_validate(tool->input, arguments, &report)) return true;
    size_t at = append(message, size, 0, "The arguments of ");
    at = append(message, size, at, tool->name);
    at = append(message, size, at, " do not fit: ");
    for (size_t i = 0; i < report.count && i < ERRORS_SHOWN; i++) {
        const th_schema_error_t *error = &report.errors[i];
        if (i > 0) at = append(message, size, at, "; ");
        if (error->instance_path[0] != '\0') {
            at = append(message, size, at, error->instance_path + 1); /* without the slash */
            at = append(message, size, at, ": ");
        }
        at = append(message, size, at, error->message);
    }
    if (report.more || report.count > ERRORS_SHOWN) at = append(message, size, at, "; and more");
    bool asks = at > 0 && message[at - 1] == '?'; /* did you mean "page"? */
    (void)append(message, size, at, asks ? " Nothing was done." : ". Nothing was done.");
    th_text_trim(message, size);
    return false;
}

bool th_arguments_of_uri(th_running_t *running, th_error_t *error) {
    th_json_document_t *variables =
        th_resource_variables(running->tool, th_slice(running->uri.text, running->uri.length),
                              running->session->sessions->worker->parser, error);
    if (!variables) return false;
    th_json_unref(running->arguments.document);
    running->arguments = th_json_root(variables);
    th_schema_report_t report = {0};
    if (th_schema_validate(running->tool->input, running->arguments, &report)) return true;
    const th_schema_error_t *first = &report.errors[0];
    return th_error_set(error, "not_found", "There is no such resource: in its URI, %s: %s.",
                        first->instance_path[0] ? first->instance_path + 1 : "the variables",
                        report.count > 0 ? first->message : "do not fit");
}
