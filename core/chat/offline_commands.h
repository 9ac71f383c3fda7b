/* offline_commands.h - what a person's sentence asks the offline assistant to do.
 * Pure: words to a command. Sentences are matched from their beginning, by words, without regard to
 * case; dates are found with core/date and kept as the person wrote them, because the tool that
 * gets them knows the person's time zone. */
#ifndef TH_CHAT_OFFLINE_COMMANDS_H
#define TH_CHAT_OFFLINE_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "date/date.h"

typedef enum th_command_kind {
    TH_COMMAND_UNKNOWN,
    TH_COMMAND_HELP,
    TH_COMMAND_GREETING,
    TH_COMMAND_THANKS,
    TH_COMMAND_WHO_AM_I,
    TH_COMMAND_MY_TASKS, /* detail: the status to ask for */
    TH_COMMAND_TASKS_OF, /* a person's (subject; detail: the status), or a process's (numbers) */
    TH_COMMAND_PROCESS_TASKS, /* of a process: numbers or subject */
    TH_COMMAND_PROCESSES,
    TH_COMMAND_TEMPLATES,
    TH_COMMAND_PEOPLE,
    TH_COMMAND_GUESTS,
    TH_COMMAND_GROUPS,
    TH_COMMAND_TAGS,
    TH_COMMAND_SEARCH,   /* subject */
    TH_COMMAND_SHOW,     /* numbers or subject */
    TH_COMMAND_COMPLETE, /* numbers or subject; detail: a comment */
    TH_COMMAND_APPROVE,
    TH_COMMAND_REJECT,
    TH_COMMAND_REOPEN,   /* and detail: why */
    TH_COMMAND_COMMENT,  /* and detail: what */
    TH_COMMAND_CREATE,   /* subject: the task; person; when */
    TH_COMMAND_LAUNCH,   /* subject: the template, or numbers; person; when; detail: "field = value,
                            ..." */
    TH_COMMAND_WHO_IS,   /* subject */
    TH_COMMAND_STATUS,   /* of a process: numbers or subject */
    TH_COMMAND_COMMENTS, /* numbers or subject */
    TH_COMMAND_ASSIGN,   /* numbers or subject; person, a group where detail is "group" */
    TH_COMMAND_DEADLINE, /* numbers or subject; when */
    TH_COMMAND_ARCHIVE,  /* numbers or subject */
    TH_COMMAND_MORE,
    TH_COMMAND_YES,
    TH_COMMAND_SAY,      /* detail: what to answer */
    TH_COMMAND_TOO_MUCH, /* detail: what stands behind a whole command */
    TH_COMMAND_CALL,     /* subject: the tool; detail: its arguments as JSON */
} th_command_kind_t;

/* "the template Onboarding" is no task. */
typedef enum th_noun {
    TH_NOUN_ANY,
    TH_NOUN_TASK,
    TH_NOUN_PROCESS,
    TH_NOUN_TEMPLATE,
} th_noun_t;

#define TH_COMMAND_NUMBERS_MAX 20

typedef struct th_command {
    th_command_kind_t kind;
    th_noun_t noun; /* of subject */
    char subject[600];
    char person[200];
    char when[200];
    char detail[8192];
    int numbers[TH_COMMAND_NUMBERS_MAX];
    size_t number_count;
} th_command_t;

/* Always gives a command; what is too long for its place is cut at a character. */
void th_command_read(th_slice_t text, th_zones_t *zones, int64_t now_s, th_command_t *command);
/* What only means something behind the <count> sentences <before> (the newest first): "Department =
 * Finance" behind a launch that lacked it, "by Friday" behind a task without a date, "yes" behind a
 * guess. <command> is then the whole. False, with <command> as it was, when it is no such thing. */
bool th_command_complete(th_slice_t text, const th_slice_t *before, size_t count, th_zones_t *zones,
                         int64_t now_s, th_command_t *command);
/* What a sentence that is not understood may have meant; its length, 0: nothing is near. */
size_t th_command_guess(th_slice_t text, char *out, size_t size);

#endif
