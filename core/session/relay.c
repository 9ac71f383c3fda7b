/* relay.c - call_tool: the tool that it names is started in its place, so that nothing is decided
 * about the relay that ought to be decided about the tool. */
#include "session/internal.h"

bool th_session_request_unwrap(const th_catalogue_t *catalogue, th_session_request_t *request,
                               th_error_t *error) {
    const th_item_t *relay = request->item;
    th_slice_t name = {NULL, 0};
    if (request->kind != TH_CALL_TOOL || !relay->relay) return true;
    th_json_value_t arguments = th_json_member(request->arguments, "arguments");
    if (!th_json_string(th_json_member(request->arguments, "name"), &name) ||
        (arguments.document && !th_json_is_object(arguments) &&
         th_json_type(arguments) != TH_JSON_NULL))
        return th_error_set(error, "invalid_arguments",
                            "%s takes the name of a tool, and its arguments as an object. Nothing "
                            "was done.",
                            relay->name);
    const th_item_t *tool = th_catalogue_find(catalogue, name);
    if (!tool || tool->relay)
        return th_error_set(error, "not_found",
                            "There is no tool \"%.*s\" to call. search_tools finds the names. "
                            "Nothing was done.",
                            (int)(name.length > 64 ? 64 : name.length), name.data);
    request->relay = relay;
    request->item = tool;
    request->arguments = th_json_is_object(arguments) ? arguments : th_json_absent();
    return true;
}
