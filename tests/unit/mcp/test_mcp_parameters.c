/* test_mcp_parameters.c - Mcp-Param-* against the body: requirements.md d, "x-mcp-header". */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "mcp/parameters.h"

static const th_header_t marked[] = {
    {.name = "Region", .path = {"region"}, .depth = 1, .type = TH_JSON_STRING},
    {.name = "Count", .path = {"page", "count"}, .depth = 2, .type = TH_JSON_INTEGER},
    {.name = "Dry", .path = {"dry"}, .depth = 1, .type = TH_JSON_TRUE},
};
static const th_tool_t tool = {.name = "t", .headers = marked, .header_count = 3};

typedef struct row {
    const char *name, *value; /* a header; NULL = none */
    const char *arguments;
    bool fine;
    const char *says;
} row_t;

static const row_t rows[] = {
    {NULL, NULL, "{}", true, ""},
    {NULL, NULL, "{\"region\":null}", true, ""},
    {"mcp-param-region", "eu", "{\"region\":\"eu\"}", true, ""},
    {"MCP-PARAM-REGION", " eu\t", "{\"region\":\"eu\"}", true, ""},
    {NULL, NULL, "{\"region\":\"eu\"}", false, "Mcp-Param-Region is missing"},
    {"Mcp-Param-Region", "EU", "{\"region\":\"eu\"}", false, "something else"},
    {"Mcp-Param-Region", "eu", "{}", false, "the body does not have"},
    {"Mcp-Param-Region", "eu", "{\"region\":null}", false, "the body does not have"},
    {"Mcp-Param-Region", "", "{\"region\":\"\"}", true, ""},
    {"Mcp-Param-Region",
     "=?base64?"
     "?=",
     "{\"region\":\"\"}", true, ""},
    {"Mcp-Param-Region", "=?base64?SGVsbG8=?=", "{\"region\":\"Hello\"}", true, ""},
    {"Mcp-Param-Region", "=?base64?SGVsbG8?=", "{\"region\":\"Hello\"}", false, "base64"},
    {"Mcp-Param-Region", "=?base64?SGVs!!!bG8=?=", "{\"region\":\"Hello\"}", false, "base64"},
    {"Mcp-Param-Region", "=?BASE64?SGVsbG8=?=", "{\"region\":\"Hello\"}", false, "something else"},
    {"Mcp-Param-Region", "SGVsbG8=", "{\"region\":\"SGVsbG8=\"}", true, ""},
    {"Mcp-Param-Region", "=?base64?SGVsbG8=", "{\"region\":\"=?base64?SGVsbG8=\"}", true, ""},
    {"Mcp-Param-Region", "l\xc3\xa4mp", "{\"region\":\"l\xc3\xa4mp\"}", false, "printable ASCII"},
    {"Mcp-Param-Region", "=?base64?bMOkbXA=?=", "{\"region\":\"l\xc3\xa4mp\"}", true, ""},
    {"Mcp-Param-Region", "eu", "{\"region\":[1]}", true, ""}, /* the schema's business */
    {"Mcp-Param-Unknown", "x", "{}", true, ""},
    {"Mcp-Param-Count", "42", "{\"page\":{\"count\":42}}", true, ""},
    {"Mcp-Param-Count", "42.0", "{\"page\":{\"count\":42}}", true, ""},
    {"Mcp-Param-Count", "-7", "{\"page\":{\"count\":-7.0}}", true, ""},
    {"Mcp-Param-Count", "4.2e1", "{\"page\":{\"count\":42}}", false, "something else"},
    {"Mcp-Param-Count", "0x2a", "{\"page\":{\"count\":42}}", false, "something else"},
    {"Mcp-Param-Count", "42.", "{\"page\":{\"count\":42}}", false, "something else"},
    {"Mcp-Param-Count", "", "{\"page\":{\"count\":42}}", false, "something else"},
    {"Mcp-Param-Count", "nan", "{\"page\":{\"count\":42}}", false, "something else"},
    {"Mcp-Param-Dry", "true", "{\"dry\":true}", true, ""},
    {"Mcp-Param-Dry", "1", "{\"dry\":true}", false, "something else"},
    {"Mcp-Param-Dry", "false", "{\"dry\":true}", false, "something else"},
};

static void headers_mirror_arguments(void **state) {
    th_json_parser_t *parser = th_json_parser_new();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const row_t *row = &rows[i];
        th_http_header_t headers[2];
        th_http_request_t request = {.headers = headers};
        th_rpc_fault_t fault = {.code = 0};
        th_json_document_t *document =
            th_json_parse(parser, th_slice_of(row->arguments), &th_json_limits_request, NULL);
        assert_non_null(document);
        if (row->name)
            headers[request.header_count++] =
                (th_http_header_t){th_slice_of(row->name), th_slice_of(row->value)};
        bool fine = th_parameters_check(&request, &tool, th_json_root(document), &fault);
        if (fine != row->fine || (!fine && !strstr(fault.message, row->says)))
            fail_msg("%s: %s %s: %s", row->name, row->value, row->arguments, fault.message);
        if (!fine) {
            assert_int_equal(fault.code, -32020);
            assert_int_equal(fault.status, 400);
        } else if (row->name && request.header_count == 1 && !strstr(row->name, "Unknown")) {
            headers[request.header_count++] = headers[0]; /* twice: which one counts? */
            assert_false(th_parameters_check(&request, &tool, th_json_root(document), &fault));
            assert_non_null(strstr(fault.message, "only once"));
        }
        th_json_unref(document);
    }
    th_json_parser_free(parser);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(headers_mirror_arguments)};
    th_random_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
