/* tool_print.c - `tool list`, `tool show` and `tool check`: nothing is run, no credential is
 * needed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/problems.h"
#include "cli/tool.h"
#include "config/config.h"
#include "session/policy.h"
#include "json/writer.h"

#define OUTPUT_MAX ((size_t)4 * 1024 * 1024)

static const char *effect_name(th_effect_t effect) {
    switch (effect) {
    case TH_EFFECT_READ: return "read";
    case TH_EFFECT_ADD: return "add";
    case TH_EFFECT_CHANGE: return "change";
    case TH_EFFECT_REMOVE: return "remove";
    }
    return "";
}

static int end_output(void) {
    return fflush(stdout) == 0 ? TH_EXIT_OK : TH_EXIT_FAILURE;
}

static void print_resource(const th_resource_t *resource) {
    printf("%-32s %-7s %-44s %s\n", resource->name, "reads", resource->uri, resource->title);
}

int th_tool_print_list(const th_program_t *program, const th_catalogue_t *catalogue) {
    if (th_tool_wants_json(program)) {
        th_slice_t list = th_catalogue_tool_list(catalogue, TH_TOOL_LIST_2025_11_25);
        printf("%.*s\n", (int)list.length, list.data);
        return end_output();
    }
    bool by_profile = th_arguments_has(program->arguments, "--profile");
    const th_policy_t policy = {.settings = &program->settings, .role = "", .profile = -1};
    for (size_t i = 0; i < th_catalogue_count(catalogue); i++) {
        const th_tool_t *tool = th_catalogue_tool(catalogue, i);
        if (by_profile && !th_policy_allows(&policy, tool, NULL, NULL)) continue;
        printf("%-32s %-7s %s\n", tool->name, effect_name(tool->effect), tool->title);
    }
    if (th_catalogue_resource_count(catalogue) > 0) puts("\nresources");
    for (size_t i = 0; i < th_catalogue_resource_count(catalogue); i++)
        print_resource(th_catalogue_resource(catalogue, i));
    if (th_catalogue_prompt_count(catalogue) > 0) puts("\nprompts");
    for (size_t i = 0; i < th_catalogue_prompt_count(catalogue); i++) {
        const th_prompt_t *prompt = th_catalogue_prompt(catalogue, i);
        printf("%-32s %-7s %s\n", prompt->name, "says", prompt->title);
    }
    if (th_catalogue_handler_count(catalogue) > 0) puts("\nhandlers");
    for (size_t i = 0; i < th_catalogue_handler_count(catalogue); i++) {
        const th_item_t *handler = th_catalogue_handler(catalogue, i);
        printf("%-32s %-7s %s\n", handler->name, "on", handler->event);
    }
    return end_output();
}

/* --- show ------------------------------------------------------------------------------------ */

static int print_json(const th_tool_t *tool) {
    th_buffer_t out;
    th_json_writer_t writer;
    th_error_t error;
    th_buffer_init(&out, OUTPUT_MAX);
    th_json_writer_init(&writer, &out, 0);
    th_json_write_object(&writer);
    th_json_write_member_text(&writer, "name", tool->name);
    th_json_write_member_text(&writer, "title", tool->title);
    th_json_write_member_text(&writer, "description", tool->description);
    if (tool->kind != TH_ITEM_TOOL)
        th_json_write_member_text(&writer, "kind", th_item_kind_name(tool->kind));
    if (tool->kind == TH_ITEM_RESOURCE) th_json_write_member_text(&writer, "uri", tool->uri);
    th_json_write_member_value(&writer, "inputSchema", tool->input_schema);
    if (tool->output) th_json_write_member_value(&writer, "outputSchema", tool->output_schema);
    th_json_write_key(&writer, TH_SLICE("annotations"));
    th_json_write_object(&writer);
    th_json_write_member_boolean(&writer, "readOnlyHint", tool->read_only);
    th_json_write_member_boolean(&writer, "destructiveHint", tool->destructive);
    th_json_write_member_boolean(&writer, "idempotentHint", tool->idempotent);
    th_json_write_member_boolean(&writer, "openWorldHint", tool->open_world);
    th_json_write_end(&writer);
    th_json_write_member_text(&writer, "effect", effect_name(tool->effect));
    th_json_write_member_text(&writer, "file", tool->file);
    th_json_write_end(&writer);
    bool done = th_json_writer_finish(&writer, &error);
    if (done)
        printf("%.*s\n", (int)out.length, out.data);
    else
        (void)fprintf(stderr, "tallyhost: %s\n", error.message);
    th_buffer_reset(&out);
    return done ? end_output() : TH_EXIT_FAILURE;
}

static bool is_required(th_json_value_t schema, th_slice_t name) {
    th_json_iterator_t it = th_json_iterate(th_json_member(schema, "required"));
    while (th_json_next(&it)) {
        th_slice_t word;
        if (th_json_string(it.value, &word) && th_slice_equal(word, name)) return true;
    }
    return false;
}

/* A keyword's value as it stands in the schema: "a", 5, ["x","y"]. */
static void print_keyword(th_json_value_t schema, const char *keyword, const char *label) {
    th_json_value_t value = th_json_member(schema, keyword);
    if (th_json_type(value) == TH_JSON_ABSENT) return;
    th_buffer_t out;
    th_json_writer_t writer;
    th_buffer_init(&out, OUTPUT_MAX);
    th_json_writer_init(&writer, &out, 0);
    th_json_write_value(&writer, value);
    if (th_json_writer_finish(&writer, NULL)) printf("; %s %.*s", label, (int)out.length, out.data);
    th_buffer_reset(&out);
}

/* The first type but "null", which only says that the argument may be left out. */
static th_slice_t type_of(th_json_value_t property) {
    th_json_value_t type = th_json_member(property, "type");
    th_slice_t word = TH_SLICE("any");
    if (th_json_string(type, &word)) return word;
    th_json_iterator_t it = th_json_iterate(type);
    while (th_json_next(&it))
        if (th_json_string(it.value, &word) && !th_slice_is(word, "null")) return word;
    return word;
}

static void print_argument(th_json_value_t schema, th_slice_t name, th_json_value_t property) {
    th_slice_t type = type_of(property), about = TH_SLICE("");
    th_json_string(th_json_member(property, "description"), &about);
    printf("  %-20.*s %-8.*s %-9s %.*s", (int)name.length, name.data, (int)type.length, type.data,
           is_required(schema, name) ? "required" : "optional", (int)about.length, about.data);
    print_keyword(property, "enum", "one of");
    print_keyword(property, "default", "default");
    print_keyword(property, "minimum", "at least");
    print_keyword(property, "maximum", "at most");
    print_keyword(property, "format", "format");
    putchar('\n');
}

static void print_facts(const th_item_t *item) {
    static const char *const tasks[] = {"", "may be one", "always", "later, when it says so"};
    if (item->kind != TH_ITEM_TOOL) printf("kind         %s\n", th_item_kind_name(item->kind));
    if (item->kind == TH_ITEM_RESOURCE)
        printf("uri          %s%s%s%s\n", item->uri, item->mime[0] ? " (" : "", item->mime,
               item->mime[0] ? ")" : "");
    if (item->kind == TH_ITEM_HANDLER) printf("event        %s\n", item->event);
    if (item->kind != TH_ITEM_TOOL) return;
    printf("effect       %s\n", effect_name(item->effect));
    printf("annotations  read-only %s, destructive %s, idempotent %s, open world %s\n",
           item->read_only ? "yes" : "no", item->destructive ? "yes" : "no",
           item->idempotent ? "yes" : "no", item->open_world ? "yes" : "no");
    if (item->task != TH_TASK_NEVER) printf("task         %s\n", tasks[item->task]);
}

int th_tool_print_one(const th_program_t *program, const th_tool_t *tool) {
    if (th_tool_wants_json(program)) return print_json(tool);
    printf("%s - %s\n\n%s\n\n", tool->name, tool->title, tool->description);
    print_facts(tool);
    printf("file         %s\n", tool->file);
    if (tool->kind == TH_ITEM_HANDLER) return end_output();
    th_json_iterator_t it = th_json_iterate(th_json_member(tool->input_schema, "properties"));
    puts(th_json_count(it.container) ? "\narguments" : "\nno arguments");
    while (th_json_next(&it))
        print_argument(tool->input_schema, it.key, it.value);
    return end_output();
}

/* --- check ----------------------------------------------------------------------------------- */

/* "13 tools, "; of what there is none but tools, nothing is said. */
static void print_count(size_t count, const char *what) {
    if (count > 0 || strcmp(what, "tool") == 0)
        printf("%zu %s%s, ", count, what, count == 1 ? "" : "s");
}

static void print_list_problem(void *arg, const char *setting, th_slice_t word) {
    (void)arg;
    printf("setting %s: \"%.*s\" is no tool and no domain\n", setting, (int)word.length, word.data);
}

/* A client can check an answer only against a schema; without one it still works. */
static void warn_about_outputs(const th_catalogue_t *catalogue) {
    for (size_t i = 0; i < th_catalogue_count(catalogue); i++) {
        const th_tool_t *tool = th_catalogue_tool(catalogue, i);
        if (!tool->output && !tool->relay)
            printf("%s: warning: %s has no output: clients cannot know what its data holds\n",
                   tool->file, tool->name);
    }
}

int th_tool_check(const th_program_t *program, const char *path) {
    th_problems_t *problems = calloc(1, sizeof(*problems));
    if (!problems) {
        (void)fputs("tallyhost: out of memory\n", stderr);
        return TH_EXIT_FAILURE;
    }
    th_catalogue_t *catalogue = th_catalogue_load(&program->settings, path, problems);
    bool good = catalogue && (path || th_lists_check(&program->settings, catalogue,
                                                     print_list_problem, NULL) == 0);
    if (catalogue && !good) {
        puts("the settings have problems");
    } else if (catalogue) {
        warn_about_outputs(catalogue);
        print_count(th_catalogue_count(catalogue), "tool");
        print_count(th_catalogue_resource_count(catalogue), "resource");
        print_count(th_catalogue_prompt_count(catalogue), "prompt");
        print_count(th_catalogue_handler_count(catalogue), "handler");
        puts("no problems");
    } else {
        th_problems_print(stdout, problems);
        printf("%zu%s problem%s\n", problems->count, problems->more ? " or more" : "",
               problems->count == 1 ? "" : "s");
    }
    th_catalogue_unref(catalogue);
    free(problems);
    int code = end_output();
    return good ? code : TH_EXIT_FAILURE;
}
