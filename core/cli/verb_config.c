/* verb_config.c - `tallyhost config`: what is in force, in the form of a configuration file. */
#include <stdio.h>

#include "cli/arguments.h"
#include "config/dotenv.h"

#define OUTPUT_MAX ((size_t)1024 * 1024)

static bool gather(const th_arguments_t *arguments, th_settings_t *settings, th_error_t *error) {
    th_error_t warning;
    if (th_arguments_has(arguments, "--defaults")) {
        th_settings_defaults(settings);
        return true;
    }
    return th_dotenv_load(".env", &warning, error) &&
           th_config_load(settings, th_arguments_value(arguments, "--config"), NULL, 0, error);
}

int th_verb_config(int argc, char **argv) {
    th_arguments_t arguments;
    if (!th_arguments_parse(&arguments, argc, argv) || !th_arguments_expect(&arguments, 0, 0))
        return arguments.exit_code;
    th_settings_t settings;
    th_error_t error;
    if (!gather(&arguments, &settings, &error)) {
        (void)fprintf(stderr, "tallyhost: %s\n", error.message);
        return TH_EXIT_CONFIG;
    }
    th_buffer_t out;
    th_buffer_init(&out, OUTPUT_MAX);
    bool done = th_config_print(&settings, &out) &&
                fwrite(out.data, 1, out.length, stdout) == out.length && fflush(stdout) == 0;
    th_buffer_reset(&out);
    return done ? TH_EXIT_OK : TH_EXIT_FAILURE;
}
