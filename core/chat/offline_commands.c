/* offline_commands.c - a reader for what may follow each beginning of offline_table.c. */
#include "chat/offline_commands.h"

#include <string.h>

#include "chat/offline_sentence.h"
#include "chat/offline_table.h"
#include "chat/offline_words.h"

static void read_call(th_slice_t rest, th_command_t *command) {
    size_t end = 0;
    while (end < rest.length && !th_words_is_blank(rest.data[end]) && rest.data[end] != '{')
        end++;
    th_words_keep(command->subject, sizeof command->subject, th_slice(rest.data, end));
    th_slice_t json = th_words_trimmed(th_slice(rest.data + end, rest.length - end));
    th_words_keep(command->detail, sizeof command->detail, json.length ? json : TH_SLICE("{}"));
}

/* "of Ben", "of process 2", "for 2". */
static void read_tasks_of(th_slice_t rest, th_command_t *command) {
    th_slice_t at = rest;
    bool process = th_words_skip(&at, "process") || th_words_skip(&at, "the process");
    th_sentence_named(process ? at : rest, command);
    if (process || command->number_count > 0) command->kind = TH_COMMAND_PROCESS_TASKS;
}

static void read_rest(const th_beginning_t *row, th_slice_t rest, const th_sources_t *sources,
                      th_command_t *command) {
    static const char *const reasons[] = {"because", "since", ":", NULL};
    static const char *const says[] = {":", "saying", NULL};
    command->kind = row->kind;
    if (row->detail)
        th_words_keep(command->detail, sizeof command->detail, th_slice_of(row->detail));
    switch (row->follow) {
    case TH_FOLLOW_NOTHING: return;
    case TH_FOLLOW_NAMED:
    case TH_FOLLOW_LISTED: th_sentence_named(th_words_without_marks(rest), command); return;
    case TH_FOLLOW_TEXT: {
        th_slice_t name, behind;
        if (!th_words_quoted(rest, &name, &behind)) name = th_words_without_marks(rest);
        th_words_keep(command->subject, sizeof command->subject, name);
        return;
    }
    case TH_FOLLOW_DECIDED: th_sentence_decided(th_words_without_marks(rest), command); return;
    case TH_FOLLOW_STATUS: th_sentence_status(rest, command); return;
    case TH_FOLLOW_ASSIGN: th_sentence_assign(rest, command); return;
    case TH_FOLLOW_DUE: th_sentence_due(rest, sources, command); return;
    case TH_FOLLOW_REASON: th_sentence_with_detail(rest, reasons, command); return;
    case TH_FOLLOW_COMMENT: th_sentence_with_detail(rest, says, command); return;
    case TH_FOLLOW_CREATE: th_sentence_create(rest, sources, command); return;
    case TH_FOLLOW_REMIND: th_sentence_remind(rest, sources, command); return;
    case TH_FOLLOW_LAUNCH: th_sentence_launch(rest, sources, command); return;
    case TH_FOLLOW_CALL: read_call(rest, command); return;
    case TH_FOLLOW_TASKS_OF: read_tasks_of(th_words_without_marks(rest), command); return;
    }
}

/* "Ben's tasks". */
static bool read_possessive(th_slice_t text, th_command_t *command) {
    static const char *const ends[][2] = {
        {"'s tasks", "incomplete"},         {"\xe2\x80\x99s tasks", "incomplete"},
        {"' tasks", "incomplete"},          {"'s open tasks", "incomplete"},
        {"'s overdue tasks", "overdue"},    {"\xe2\x80\x99s overdue tasks", "overdue"},
        {"'s completed tasks", "completed"}};
    text = th_words_without_marks(text);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t length = strlen(ends[i][0]);
        if (text.length <= length ||
            strncasecmp(text.data + text.length - length, ends[i][0], length) != 0)
            continue;
        command->kind = TH_COMMAND_TASKS_OF;
        th_words_keep(command->subject, sizeof command->subject,
                      th_slice(text.data, text.length - length));
        th_words_keep(command->detail, sizeof command->detail, th_slice_of(ends[i][1]));
        return true;
    }
    return false;
}

static const char *const courtesy[] = {"please,",     "please",          "can you",     "could you",
                                       "would you",   "can i see",       "could i see", "i want to",
                                       "i'd like to", "i would like to", "let's",       NULL};
static const char *const listing[] = {"show me the", "show me",  "show all", "show the",
                                      "show",        "list all", "list the", "list",
                                      "get",         "give me",  "see",      NULL};

void th_command_read(th_slice_t text, th_zones_t *zones, int64_t now_s, th_command_t *command) {
    const th_sources_t sources = {zones, now_s};
    th_slice_t rest;
    memset(command, 0, sizeof *command);
    text = th_words_trimmed(text);
    while (th_words_skip_one_of(&text, courtesy)) {
    }
    /* "show my tasks" is "my tasks"; "show 3" is not "3". */
    th_slice_t listed = text;
    if (th_words_skip_one_of(&listed, listing) && listed.length > 0) {
        const th_beginning_t *row = th_beginning_find(listed, &rest);
        if (row && (row->follow == TH_FOLLOW_NOTHING || row->follow == TH_FOLLOW_TASKS_OF ||
                    row->follow == TH_FOLLOW_LISTED || row->follow == TH_FOLLOW_STATUS)) {
            read_rest(row, rest, &sources, command);
            return;
        }
        if (read_possessive(listed, command)) return;
    }
    if (read_possessive(text, command)) return;
    const th_beginning_t *row = th_beginning_find(text, &rest);
    if (row) read_rest(row, rest, &sources, command);
}

size_t th_command_guess(th_slice_t text, char *out, size_t size) {
    text = th_words_trimmed(text);
    while (th_words_skip_one_of(&text, courtesy)) {
    }
    th_slice_t listed = text;
    size_t length = th_beginning_guess(text, out, size);
    if (length > 0 || !th_words_skip_one_of(&listed, listing)) return length;
    return th_beginning_guess(listed, out, size);
}
