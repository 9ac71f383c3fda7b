/* tool_tokens.c - `tool list --tokens`: what each profile costs the model of a client that puts the
 * whole list into its context. Estimated as four bytes to a token, the usual rule for English; JSON
 * is a little dearer, and tokenizers differ, so this compares profiles rather than predicts bills.
 */
#include <stdio.h>
#include <string.h>

#include "cli/tool.h"
#include "session/policy.h"
#include "json/writer.h"

#define BYTES_PER_TOKEN 4
#define SCHEMA_MAX ((size_t)4 * 1024 * 1024)
#define DEPTH_MAX 64

typedef struct cost {
    size_t tools, about, fields, input, output;
} cost_t;

static size_t tokens(size_t bytes) {
    return (bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
}

static size_t json_bytes(th_json_value_t value) {
    if (!th_json_is_object(value)) return 0;
    th_buffer_t text;
    th_json_writer_t writer;
    th_error_t error;
    th_buffer_init(&text, SCHEMA_MAX);
    th_json_writer_init(&writer, &text, 0);
    th_json_write_value(&writer, value);
    size_t length = th_json_writer_finish(&writer, &error) ? text.length : 0;
    th_buffer_reset(&text);
    return length;
}

/* The bytes of all `description`s in a schema. */
static size_t description_bytes(th_json_value_t schema, int depth) {
    size_t bytes = 0;
    if (depth > DEPTH_MAX || !(th_json_is_object(schema) || th_json_is_array(schema))) return 0;
    th_json_iterator_t each = th_json_iterate(schema);
    bool is_object = th_json_is_object(schema);
    while (th_json_next(&each)) {
        th_slice_t text;
        if (is_object && th_slice_is(each.key, "description") && th_json_string(each.value, &text))
            bytes += text.length;
        else
            bytes += description_bytes(each.value, depth + 1);
    }
    return bytes;
}

static void add(cost_t *cost, const th_tool_t *tool) {
    cost->tools++;
    cost->about += strlen(tool->description);
    cost->fields += description_bytes(tool->input_schema, 0);
    cost->input += json_bytes(tool->input_schema);
    cost->output += json_bytes(tool->output_schema);
}

static void print_row(const char *name, const cost_t *cost) {
    size_t rest =
        cost->tools * (strlen("{\"name\":\"\",\"description\":\"\",\"inputSchema\":},") + 24);
    printf("%-10s %5zu %8zu %8zu %8zu %8zu %8zu\n", name, cost->tools, tokens(cost->about),
           tokens(cost->fields), tokens(cost->input), tokens(cost->output),
           tokens(cost->about + cost->input + cost->output + rest));
}

static void write_row(th_json_writer_t *writer, const char *name, const cost_t *cost) {
    th_json_write_key(writer, th_slice_of(name));
    th_json_write_object(writer);
    th_json_write_member_integer(writer, "tools", (int64_t)cost->tools);
    th_json_write_member_integer(writer, "about", (int64_t)tokens(cost->about));
    th_json_write_member_integer(writer, "fields", (int64_t)tokens(cost->fields));
    th_json_write_member_integer(writer, "input", (int64_t)tokens(cost->input));
    th_json_write_member_integer(writer, "output", (int64_t)tokens(cost->output));
    th_json_write_end(writer);
}

static cost_t cost_of(const th_program_t *program, const th_catalogue_t *catalogue,
                      th_profile_t profile) {
    cost_t cost = {.tools = 0};
    th_settings_t settings = program->settings;
    settings.tools_profile = profile;
    const th_policy_t policy = {.settings = &settings, .role = "", .profile = -1};
    for (size_t i = 0; i < th_catalogue_count(catalogue); i++) {
        const th_tool_t *tool = th_catalogue_tool(catalogue, i);
        if (th_policy_allows(&policy, tool, NULL, NULL)) add(&cost, tool);
    }
    return cost;
}

static int print_json(const cost_t costs[static TH_PROFILES]) {
    th_buffer_t out;
    th_json_writer_t writer;
    th_error_t error;
    th_buffer_init(&out, SCHEMA_MAX);
    th_json_writer_init(&writer, &out, 0);
    th_json_write_object(&writer);
    for (int i = 0; i < TH_PROFILES; i++)
        write_row(&writer, th_policy_profile_name((th_profile_t)i), &costs[i]);
    th_json_write_end(&writer);
    bool done = th_json_writer_finish(&writer, &error);
    if (done) printf("%.*s\n", (int)out.length, out.data);
    th_buffer_reset(&out);
    return done && fflush(stdout) == 0 ? TH_EXIT_OK : TH_EXIT_FAILURE;
}

int th_tool_print_tokens(const th_program_t *program, const th_catalogue_t *catalogue) {
    cost_t costs[TH_PROFILES];
    for (int i = 0; i < TH_PROFILES; i++)
        costs[i] = cost_of(program, catalogue, (th_profile_t)i);
    if (th_tool_wants_json(program)) return print_json(costs);
    puts("profile    tools    about   fields    input   output      all");
    for (int i = 0; i < TH_PROFILES; i++)
        print_row(th_policy_profile_name((th_profile_t)i), &costs[i]);
    puts("\nTokens, at four bytes to one. about: what the tools say of themselves; fields: what "
         "their "
         "parameters\nsay, which is part of input; output: the schemas of answers, which many "
         "clients "
         "leave out.");
    return fflush(stdout) == 0 ? TH_EXIT_OK : TH_EXIT_FAILURE;
}
