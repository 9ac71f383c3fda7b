/* credential.c - where stdio and `tool call` get the credential they act with. */
#include <stdio.h>
#include <string.h>

#include "cli/program.h"
#include "config/dotenv.h"

/* "Ada Lovelace" is also found by "ada". */
static bool is_called(const th_practice_credential_t *person, const char *name) {
    size_t length = strlen(name);
    if (strncasecmp(person->name, name, length) != 0) return false;
    return person->name[length] == '\0' || person->name[length] == ' ';
}

static int refuse_name(const th_program_t *program, const char *name) {
    size_t count = 0, used = 0;
    char names[512] = "";
    const th_practice_credential_t *people = th_practice_credentials(program->practice, &count);
    for (size_t i = 0; i < count && used < sizeof(names); i++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
                                 people[i].name);
    return th_arguments_refuse(program->arguments, "nobody is called \"%.60s\"; there are: %s",
                               name, names);
}

static int take_practice_person(th_program_t *program, th_clear_credential_t *credential) {
    size_t count = 0;
    const th_practice_credential_t *people = th_practice_credentials(program->practice, &count);
    const char *name = th_arguments_value(program->arguments, "--as");
    for (size_t i = 0; i < count; i++) {
        if (name && !is_called(&people[i], name)) continue;
        (void)snprintf(credential->api_key, sizeof(credential->api_key), "%s", people[i].api_key);
        (void)snprintf(credential->org_id, sizeof(credential->org_id), "%s", people[i].org_id);
        return TH_EXIT_OK;
    }
    return refuse_name(program, name ? name : "");
}

void th_program_forget_credential(void) {
    char nothing[1];
    th_environment_take("TALLYFY_API_KEY", nothing, sizeof(nothing));
    th_environment_take("TALLYFY_ORG_ID", nothing, sizeof(nothing));
}

int th_program_credential(th_program_t *program, th_clear_credential_t *credential) {
    th_error_t error;
    memset(credential, 0, sizeof(*credential));
    bool has_key = th_environment_take("TALLYFY_API_KEY", credential->api_key, TH_API_KEY_SIZE);
    bool has_org = th_environment_take("TALLYFY_ORG_ID", credential->org_id, TH_ORG_ID_SIZE);
    if (program->practice) {
        explicit_bzero(credential, sizeof(*credential));
        return take_practice_person(program, credential);
    }
    if (th_arguments_has(program->arguments, "--as"))
        return th_arguments_refuse(program->arguments, "--as goes with --practice");
    if (!has_key) {
        th_error_set(
            &error, "no_credential",
            "TALLYFY_API_KEY is not set (or longer than %d bytes); set it and TALLYFY_ORG_ID, or "
            "use --practice",
            TH_API_KEY_SIZE - 1);
        return th_program_fail(program, &error, TH_EXIT_CONFIG);
    }
    if (!has_org) credential->org_id[0] = '\0'; /* a JWT may name its organisation itself */
    return TH_EXIT_OK;
}
