/* program.h - what verbs that do something share: settings, log, the practice organisation,
 * credentials. Opened on the main thread before any other starts. */
#ifndef TH_CLI_PROGRAM_H
#define TH_CLI_PROGRAM_H

#include "base/log.h"
#include "chat/model_key.h"
#include "cli/arguments.h"
#include "cli/chat_webhook.h"
#include "practice/practice.h"

#define TH_API_KEY_SIZE 8193 /* TH_SECRET_MAX and NUL */
#define TH_ORG_ID_SIZE 257

/* A credential in the clear, on its short way into the vault. */
typedef struct th_clear_credential {
    char api_key[TH_API_KEY_SIZE];
    char org_id[TH_ORG_ID_SIZE];
} th_clear_credential_t;

typedef struct th_program {
    const th_arguments_t *arguments; /* borrowed */
    char config_file[4096];          /* "" = none was found */
    th_setting_override_t overrides[TH_ARGUMENTS_MAX];
    size_t override_count;
    th_settings_t settings; /* as started; a HUP makes others */
    th_log_t log;
    th_model_key_t *model_key;          /* taken out of the environment; NULL when there is none */
    th_webhook_secret_t webhook_secret; /* likewise */
    th_practice_t *practice;            /* NULL without --practice */
    bool fetch_started;
} th_program_t;

/* Reads .env, settings and flags, and opens the log on standard error. Returns 0, or an exit code
 * after saying why. <arguments> must outlive it. */
int th_program_open(th_program_t *program, const th_arguments_t *arguments);
/* The settings anew from their sources, as a HUP wants them; the practice organisation stays in
 * force. Any thread: reads the environment, which nobody changes after th_program_open(). */
bool th_program_settings(const th_program_t *program, th_settings_t *settings, th_error_t *error);
/* For verbs that talk to the API: starts the HTTP client and, with --practice, the practice
 * organisation, to which the settings are then pointed. Returns 0 or an exit code. */
int th_program_start_api(th_program_t *program, bool practice);
/* Who to act as: --as or the first person with --practice, otherwise TALLYFY_API_KEY and
 * TALLYFY_ORG_ID, which leave the environment. Returns 0 or an exit code. Wipe <credential> after
 * use. */
int th_program_credential(th_program_t *program, th_clear_credential_t *credential);
/* Takes both out of the environment, for verbs that do not want them. */
void th_program_forget_credential(void);
/* Stops what was started; a program that failed to open is fine too. */
void th_program_close(th_program_t *program);
/* Says <error> on standard error in the program's words; returns <exit_code>. */
int th_program_fail(const th_program_t *program, const th_error_t *error, int exit_code);

#endif
