/* program.c - opening and closing what the verbs share. */
#include "cli/program.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/auth.h"
#include "config/dotenv.h"
#include "loop/fetch.h"

#define LOG_DESCRIPTOR 2

int th_program_fail(const th_program_t *program, const th_error_t *error, int exit_code) {
    if (program->settings.log_format == TH_LOG_JSON && program->log.fd == LOG_DESCRIPTOR)
        th_log(&program->log, TH_LOG_ERROR, "cli", "%s", error->message);
    else
        (void)fprintf(stderr, "tallyhost: %s\n", error->message);
    return exit_code;
}

static void point_to_practice(const th_program_t *program, th_settings_t *settings) {
    if (!program->practice) return;
    (void)snprintf(settings->tallyfy_base_url, sizeof(settings->tallyfy_base_url), "%s",
                   th_practice_url(program->practice));
    settings->tallyfy_plain_http = true;
}

/* Clients of stdio start the program wherever they like: tools that are not in the working
 * directory are looked for beside the program, then where it was built (build/KIND). Only where
 * nobody said another directory. */
static void find_tools(th_settings_t *settings) {
    static const char *const places[] = {"", "/../.."};
    const char *usual = th_setting_find("script.tools")->initial;
    char program[4096], found[sizeof(program) + 64];
    if (strcmp(settings->script_tools, usual) != 0 || access(usual, F_OK) == 0) return;
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (length <= 0) return;
    program[length] = '\0';
    char *slash = strrchr(program, '/');
    if (slash) *slash = '\0';
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        (void)snprintf(found, sizeof(found), "%s%s/%s", program, places[i], usual);
        if (strlen(found) >= sizeof(settings->script_tools) || access(found, R_OK) != 0) continue;
        memcpy(settings->script_tools, found, strlen(found) + 1);
        return;
    }
}

bool th_program_settings(const th_program_t *program, th_settings_t *settings, th_error_t *error) {
    const char *file = *program->config_file ? program->config_file : NULL;
    if (!th_config_load(settings, file, program->overrides, program->override_count, error))
        return false;
    find_tools(settings);
    point_to_practice(program, settings);
    return true;
}

static bool find_config_file(th_program_t *program, th_error_t *error) {
    const char *file = th_arguments_value(program->arguments, "--config");
    if (!file) {
        th_config_default_file(program->config_file, sizeof(program->config_file));
        return true;
    }
    if (!*file || strlen(file) >= sizeof(program->config_file))
        return th_error_set(error, "bad_setting", "--config: it must be the path of a file");
    memcpy(program->config_file, file, strlen(file) + 1);
    return true;
}

int th_program_open(th_program_t *program, const th_arguments_t *arguments) {
    th_error_t warning, error;
    memset(program, 0, sizeof(*program));
    program->arguments = arguments;
    program->override_count = th_arguments_overrides(arguments, program->overrides);
    /* Secrets leave the environment before the settings are looked for in there. */
    if (!th_dotenv_load(".env", &warning, &error) ||
        !th_model_key_take(&program->model_key, &error) ||
        !th_webhook_secret_take(&program->webhook_secret, &error) ||
        !find_config_file(program, &error) ||
        !th_program_settings(program, &program->settings, &error)) {
        th_model_key_free(program->model_key);
        program->model_key = NULL;
        return th_program_fail(program, &error, TH_EXIT_CONFIG);
    }
    program->log = (th_log_t){LOG_DESCRIPTOR, (th_log_level_t)program->settings.log_level,
                              (th_log_format_t)program->settings.log_format};
    if (*warning.code) th_log(&program->log, TH_LOG_WARNING, "config", "%s", warning.message);
    return TH_EXIT_OK;
}

int th_program_start_api(th_program_t *program, bool practice) {
    th_error_t error;
    th_auth_global_start();
    if (!th_fetch_global_start(&error)) return th_program_fail(program, &error, TH_EXIT_FAILURE);
    program->fetch_started = true;
    if (!practice) return TH_EXIT_OK;
    program->practice = th_practice_start(&program->settings, &program->log, &error);
    if (!program->practice) return th_program_fail(program, &error, TH_EXIT_FAILURE);
    point_to_practice(program, &program->settings);
    return TH_EXIT_OK;
}

void th_program_close(th_program_t *program) {
    if (program->practice) th_practice_stop(program->practice);
    program->practice = NULL;
    if (program->fetch_started) th_fetch_global_stop();
    program->fetch_started = false;
    th_model_key_free(program->model_key);
    program->model_key = NULL;
}
