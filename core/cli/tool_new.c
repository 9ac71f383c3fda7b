/* tool_new.c - `tool new`: a tool that works, and beside it a spec that passes, to be changed into
 * what is wanted. Nothing that exists is written over. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "cli/tool.h"

#define NAME_MAX_LENGTH 64
#define DEFAULT_DOMAIN "own"

static const char tool_template[] =
    "tool \"@\" {\n"
    "  title  = \"What people see\";\n"
    "  about  = \"Says what it does, what comes back, and what it is not for: the model decides by "
    "this.\";\n"
    "  effect = \"read\"; -- or \"add\", \"change\", \"remove\"\n"
    "  input  = {\n"
    "    whole \"page\" { \"Which page of your tasks, from 1\", min = 1, default = 1 };\n"
    "  };\n"
    "  output = {\n"
    "    whole \"total\" { \"How many tasks you have\" };\n"
    "    list  \"names\" { \"Those of this page\", of = \"text\" };\n"
    "  };\n"
    "  run = function (args, call)\n"
    "    local tasks, whole = call.api:get(\"/organizations/{org}/me/tasks\", { query = { page = "
    "args.page } })\n"
    "    if not tasks then return nil, whole end -- the error, as the model should read it\n"
    "    local names = json.array()\n"
    "    for index, task in ipairs(tasks) do names[index] = task.title end\n"
    "    local total = whole.meta.pagination.total\n"
    "    return { text = (\"You have %d tasks.\"):format(total), data = { total = total, names = "
    "names } }\n"
    "  end;\n"
    "}\n";

static const char spec_template[] =
    "-- Run by `tallyhost tool test @`. tallyhost.call(name, arguments [, person]) calls a tool of "
    "this directory as the\n"
    "-- host does, in the practice organisation: { ok, text, data }, or { ok = false, code, "
    "message, "
    "field, hint }.\n"
    "describe(\"@\", function ()\n"
    "  it(\"counts the tasks\", function ()\n"
    "    local result = tallyhost.call(\"@\", {})\n"
    "    assert.is_true(result.ok, result.message)\n"
    "    assert.match(\"^You have %d+ tasks\", result.text)\n"
    "    assert.is_true(#result.data.names <= result.data.total)\n"
    "  end)\n"
    "\n"
    "  it(\"refuses what makes no sense\", function ()\n"
    "    assert.equal(\"invalid_arguments\", tallyhost.call(\"@\", { page = 0 }).code)\n"
    "  end)\n"
    "end)\n";

static bool is_name(const char *text, size_t length) {
    return length > 0 && length <= NAME_MAX_LENGTH &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") >= length;
}

/* "DOMAIN/NAME" or "NAME". */
static bool split(const char *operand, char domain[static NAME_MAX_LENGTH + 1], const char **name) {
    const char *slash = strchr(operand, '/');
    size_t length = slash ? (size_t)(slash - operand) : strlen(DEFAULT_DOMAIN);
    *name = slash ? slash + 1 : operand;
    if (!is_name(slash ? operand : DEFAULT_DOMAIN, length) || !is_name(*name, strlen(*name)))
        return false;
    memcpy(domain, slash ? operand : DEFAULT_DOMAIN, length);
    domain[length] = '\0';
    return true;
}

static int fail(const char *path) {
    (void)fprintf(stderr, "tallyhost: %s: %s\n", path,
                  errno == EEXIST ? "exists already, and nothing was written" : strerror(errno));
    return TH_EXIT_FAILURE;
}

/* The template with the name for each '@'; never over an existing file. */
static int write_file(const char *path, const char *template, const char *name) {
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (!file) {
        int code = fail(path);
        if (descriptor >= 0) (void)close(descriptor);
        return code;
    }
    for (const char *at = template; *at; at++) {
        if (*at == '@')
            (void)fputs(name, file);
        else
            (void)fputc(*at, file);
    }
    bool failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed) return fail(path);
    puts(path);
    return TH_EXIT_OK;
}

int th_tool_new(const th_program_t *program, const char *operand) {
    char domain[NAME_MAX_LENGTH + 1], path[1024];
    const char *name, *root = program->settings.script_tools;
    if (!split(operand, domain, &name)) {
        (void)fprintf(
            stderr,
            "tallyhost: \"%.100s\" is no name for a tool: 1 to 64 of a-z, 0-9 and _, with "
            "a domain of the same before it if you like, as in tasks/count_my_tasks\n",
            operand);
        return TH_EXIT_USAGE;
    }
    (void)snprintf(path, sizeof(path), "%s/%s", root, domain);
    if (mkdir(path, 0755) != 0 && errno != EEXIST) return fail(path);
    (void)snprintf(path, sizeof(path), "%s/%s/%s.lua", root, domain, name);
    int code = write_file(path, tool_template, name);
    if (code != TH_EXIT_OK) return code;
    (void)snprintf(path, sizeof(path), "%s/%s/%s_spec.lua", root, domain, name);
    code = write_file(path, spec_template, name);
    if (code == TH_EXIT_OK)
        printf("Try it: tallyhost tool call %s --practice; tallyhost tool test %s\n", name, name);
    return fflush(stdout) == 0 ? code : TH_EXIT_FAILURE;
}
