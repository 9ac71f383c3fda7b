/* verb_practice.c - `tallyhost practice`: the practice organisation alone, until TERM or INT. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include "cli/program.h"
#include "cli/ready.h"

static void print_people(const th_practice_t *practice) {
    size_t count = 0;
    const th_practice_credential_t *people = th_practice_credentials(practice, &count);
    printf("The practice organisation is at %s\n\n", th_practice_url(practice));
    for (size_t i = 0; i < count; i++)
        printf("%s (%s, %s)\n  TALLYFY_API_KEY=%s\n  TALLYFY_ORG_ID=%s\n", people[i].name,
               people[i].role, people[i].org_name, people[i].api_key, people[i].org_id);
    (void)fflush(stdout);
}

static int run(th_program_t *program) {
    th_error_t error;
    sigset_t ends;
    int number = 0;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    /* Before the thread starts, which inherits it: the signals then wait for sigwait below. */
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    int code = th_program_start_api(program, true);
    if (code != TH_EXIT_OK) return code;
    if (program->settings.log_format == TH_LOG_TEXT) print_people(program->practice);
    if (!th_ready_announce(program, NULL, NULL, &error))
        return th_program_fail(program, &error, TH_EXIT_FAILURE);
    return sigwait(&ends, &number) == 0 ? TH_EXIT_OK : TH_EXIT_FAILURE;
}

int th_verb_practice(int argc, char **argv) {
    th_arguments_t arguments;
    if (!th_arguments_parse(&arguments, argc, argv) || !th_arguments_expect(&arguments, 0, 0))
        return arguments.exit_code;
    th_program_t program;
    int code = th_program_open(&program, &arguments);
    if (code != TH_EXIT_OK) return code;
    th_program_forget_credential();
    code = run(&program);
    th_program_close(&program);
    return code;
}
