/* verb_serve.c - `tallyhost serve`: reads everything, opens the host, says where it is, runs. */
#include "base/log.h"
#include "cli/host.h"
#include "cli/problems.h"
#include "cli/ready.h"

static int run_host(th_program_t *program, th_catalogue_t *catalogue) {
    th_host_t host;
    th_error_t error;
    int code = th_host_open(&host, program, catalogue);
    if (code == TH_EXIT_OK) {
        const th_server_t *first = &host.servers[0];
        const char *web = first->web ? th_http_server_address(first->web) : NULL;
        if (!th_ready_announce(program, th_http_server_address(first->http), web, &error))
            code = th_program_fail(program, &error, TH_EXIT_FAILURE);
    }
    if (code == TH_EXIT_OK) {
        th_host_run(&host);
        th_log(&program->log, TH_LOG_NOTICE, "cli", "stopped");
    }
    th_host_close(&host);
    return code;
}

static void log_list_problem(void *arg, const char *setting, th_slice_t word) {
    th_log(arg, TH_LOG_WARNING, "cli", "%s: \"%.*s\" is no tool and no domain, so it does nothing",
           setting, (int)word.length, word.data);
}

static int serve(th_program_t *program) {
    int code = th_program_start_api(program, th_arguments_has(program->arguments, "--practice"));
    if (code != TH_EXIT_OK) return code;
    th_catalogue_t *catalogue = th_catalogue_load_or_print(&program->settings, NULL);
    if (!catalogue) return TH_EXIT_CONFIG;
    th_log(&program->log, TH_LOG_INFO, "cli", "%zu tools from %s", th_catalogue_count(catalogue),
           program->settings.script_tools);
    (void)th_lists_check(&program->settings, catalogue, log_list_problem, &program->log);
    return run_host(program, catalogue);
}

int th_verb_serve(int argc, char **argv) {
    th_arguments_t arguments;
    if (!th_arguments_parse(&arguments, argc, argv) || !th_arguments_expect(&arguments, 0, 0))
        return arguments.exit_code;
    th_program_t program;
    int code = th_program_open(&program, &arguments);
    if (code != TH_EXIT_OK) return code;
    th_program_forget_credential(); /* each client brings its own */
    code = serve(&program);
    th_program_close(&program);
    return code;
}
