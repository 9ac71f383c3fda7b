/* offline_table.c - the beginnings of sentences, longer ones first; a guess at mistyped ones. */
#include "chat/offline_table.h"

#include <limits.h>
#include <string.h>

#include "chat/offline_words.h"
#include "config/nearest.h"

#define GUESS_BYTES 40 /* of a beginning that may be mistyped */

/* The first that fits counts: longer ones stand before what they begin with. */
static const th_beginning_t beginnings[] = {
    {"call a tool", TH_COMMAND_HELP, TH_FOLLOW_NOTHING, NULL},
    {"call", TH_COMMAND_CALL, TH_FOLLOW_CALL, NULL},
    {"help me", TH_COMMAND_HELP, TH_FOLLOW_NOTHING, NULL},
    {"help", TH_COMMAND_HELP, TH_FOLLOW_NOTHING, NULL},
    {"?", TH_COMMAND_HELP, TH_FOLLOW_NOTHING, NULL},
    {"commands", TH_COMMAND_HELP, TH_FOLLOW_NOTHING, NULL},
    {"what can you do", TH_COMMAND_HELP, TH_FOLLOW_NOTHING, NULL},
    {"what can i say", TH_COMMAND_HELP, TH_FOLLOW_NOTHING, NULL},
    {"what can i do", TH_COMMAND_HELP, TH_FOLLOW_NOTHING, NULL},
    {"what can i do here", TH_COMMAND_HELP, TH_FOLLOW_NOTHING, NULL},
    {"what do you know", TH_COMMAND_HELP, TH_FOLLOW_NOTHING, NULL},
    {"how does this work", TH_COMMAND_HELP, TH_FOLLOW_NOTHING, NULL},
    {"how do i", TH_COMMAND_HELP, TH_FOLLOW_TEXT, NULL},
    {"how can i", TH_COMMAND_HELP, TH_FOLLOW_TEXT, NULL},
    {"hello", TH_COMMAND_GREETING, TH_FOLLOW_NOTHING, NULL},
    {"hi", TH_COMMAND_GREETING, TH_FOLLOW_NOTHING, NULL},
    {"good morning", TH_COMMAND_GREETING, TH_FOLLOW_NOTHING, NULL},
    {"good afternoon", TH_COMMAND_GREETING, TH_FOLLOW_NOTHING, NULL},
    {"good evening", TH_COMMAND_GREETING, TH_FOLLOW_NOTHING, NULL},
    {"good day", TH_COMMAND_GREETING, TH_FOLLOW_NOTHING, NULL},
    {"hey", TH_COMMAND_GREETING, TH_FOLLOW_NOTHING, NULL},
    {"hi there", TH_COMMAND_GREETING, TH_FOLLOW_NOTHING, NULL},
    {"hello there", TH_COMMAND_GREETING, TH_FOLLOW_NOTHING, NULL},
    {"thank you", TH_COMMAND_THANKS, TH_FOLLOW_NOTHING, NULL},
    {"thanks", TH_COMMAND_THANKS, TH_FOLLOW_NOTHING, NULL},
    {"thank you very much", TH_COMMAND_THANKS, TH_FOLLOW_NOTHING, NULL},
    {"many thanks", TH_COMMAND_THANKS, TH_FOLLOW_NOTHING, NULL},
    {"thanks a lot", TH_COMMAND_THANKS, TH_FOLLOW_NOTHING, NULL},
    {"great", TH_COMMAND_THANKS, TH_FOLLOW_NOTHING, NULL},
    {"perfect", TH_COMMAND_THANKS, TH_FOLLOW_NOTHING, NULL},
    {"bye", TH_COMMAND_SAY, TH_FOLLOW_NOTHING, "Goodbye!"},
    {"goodbye", TH_COMMAND_SAY, TH_FOLLOW_NOTHING, "Goodbye!"},
    {"good night", TH_COMMAND_SAY, TH_FOLLOW_NOTHING, "Good night!"},
    {"yes", TH_COMMAND_YES, TH_FOLLOW_NOTHING, NULL},
    {"yes please", TH_COMMAND_YES, TH_FOLLOW_NOTHING, NULL},
    {"ok", TH_COMMAND_YES, TH_FOLLOW_NOTHING, NULL},
    {"okay", TH_COMMAND_YES, TH_FOLLOW_NOTHING, NULL},
    {"sure", TH_COMMAND_YES, TH_FOLLOW_NOTHING, NULL},
    {"no", TH_COMMAND_SAY, TH_FOLLOW_NOTHING, "All right. Nothing was changed."},
    {"no thanks", TH_COMMAND_SAY, TH_FOLLOW_NOTHING, "All right. Nothing was changed."},
    {"nothing", TH_COMMAND_SAY, TH_FOLLOW_NOTHING, "All right. Nothing was changed."},
    {"never mind", TH_COMMAND_SAY, TH_FOLLOW_NOTHING, "All right. Nothing was changed."},
    {"nevermind", TH_COMMAND_SAY, TH_FOLLOW_NOTHING, "All right. Nothing was changed."},
    {"cancel", TH_COMMAND_SAY, TH_FOLLOW_NOTHING, "All right. Nothing was changed."},
    {"stop", TH_COMMAND_SAY, TH_FOLLOW_NOTHING, "All right. Nothing was changed."},
    {"undo", TH_COMMAND_SAY, TH_FOLLOW_NOTHING,
     "I cannot take things back by myself. `reopen 3 because ...` opens a completed task again."},
    {"who am i", TH_COMMAND_WHO_AM_I, TH_FOLLOW_NOTHING, NULL},
    {"me", TH_COMMAND_WHO_AM_I, TH_FOLLOW_NOTHING, NULL},
    {"whoami", TH_COMMAND_WHO_AM_I, TH_FOLLOW_NOTHING, NULL},
    {"what do i have to do", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"what is on my plate", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"what's on my plate", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"what are my tasks", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"open tasks", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"my open tasks", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"my tasks", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"my work", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"tasks", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"todo", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"to do", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"to-do", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"todos", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"my task", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"my todos", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"my to-dos", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"task list", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"my task list", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"what should i do", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"what do i need to do", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"what do i have to do today", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"what's next", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"what is next", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"what's up", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"overdue tasks", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "overdue"},
    {"my overdue tasks", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "overdue"},
    {"overdue", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "overdue"},
    {"late tasks", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "overdue"},
    {"what is overdue", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "overdue"},
    {"what's overdue", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "overdue"},
    {"whats overdue", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "overdue"},
    {"what is late", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "overdue"},
    {"what's late", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "overdue"},
    {"which tasks are overdue", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "overdue"},
    {"which tasks are late", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "overdue"},
    {"what is due today", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"what is due tomorrow", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"what is due soon", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"what is due this week", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"what is due next week", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"what's due today", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"what's due tomorrow", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"what's due soon", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"what's due this week", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"what's due next week", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"whats due today", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"whats due tomorrow", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"whats due soon", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"whats due this week", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"whats due next week", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"tasks due today", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"tasks due tomorrow", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"tasks due soon", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"tasks due this week", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"tasks due next week", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"my tasks due today", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"my tasks due tomorrow", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"my tasks due soon", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"my tasks due this week", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"my tasks due next week", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"due today", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"due tomorrow", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"due soon", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "due_soon"},
    {"due this week", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"due next week", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"what is due", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"what's due", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "incomplete"},
    {"completed tasks", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "completed"},
    {"my completed tasks", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "completed"},
    {"what have i done", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "completed"},
    {"done tasks", TH_COMMAND_MY_TASKS, TH_FOLLOW_NOTHING, "completed"},
    {"what is running", TH_COMMAND_PROCESSES, TH_FOLLOW_NOTHING, NULL},
    {"what's running", TH_COMMAND_PROCESSES, TH_FOLLOW_NOTHING, NULL},
    {"running processes", TH_COMMAND_PROCESSES, TH_FOLLOW_NOTHING, NULL},
    {"my processes", TH_COMMAND_PROCESSES, TH_FOLLOW_NOTHING, NULL},
    {"processes", TH_COMMAND_PROCESSES, TH_FOLLOW_NOTHING, NULL},
    {"templates", TH_COMMAND_TEMPLATES, TH_FOLLOW_NOTHING, NULL},
    {"blueprints", TH_COMMAND_TEMPLATES, TH_FOLLOW_NOTHING, NULL},
    {"what can i launch", TH_COMMAND_TEMPLATES, TH_FOLLOW_NOTHING, NULL},
    {"people", TH_COMMAND_PEOPLE, TH_FOLLOW_NOTHING, NULL},
    {"members", TH_COMMAND_PEOPLE, TH_FOLLOW_NOTHING, NULL},
    {"users", TH_COMMAND_PEOPLE, TH_FOLLOW_NOTHING, NULL},
    {"team", TH_COMMAND_PEOPLE, TH_FOLLOW_NOTHING, NULL},
    {"who is here", TH_COMMAND_PEOPLE, TH_FOLLOW_NOTHING, NULL},
    {"everybody", TH_COMMAND_PEOPLE, TH_FOLLOW_NOTHING, NULL},
    {"my team", TH_COMMAND_PEOPLE, TH_FOLLOW_NOTHING, NULL},
    {"guests", TH_COMMAND_GUESTS, TH_FOLLOW_NOTHING, NULL},
    {"groups", TH_COMMAND_GROUPS, TH_FOLLOW_NOTHING, NULL},
    {"tags", TH_COMMAND_TAGS, TH_FOLLOW_NOTHING, NULL},
    {"next page", TH_COMMAND_MORE, TH_FOLLOW_NOTHING, NULL},
    {"next", TH_COMMAND_MORE, TH_FOLLOW_NOTHING, NULL},
    {"more", TH_COMMAND_MORE, TH_FOLLOW_NOTHING, NULL},
    {"tasks of", TH_COMMAND_TASKS_OF, TH_FOLLOW_TASKS_OF, NULL},
    {"tasks for", TH_COMMAND_TASKS_OF, TH_FOLLOW_TASKS_OF, NULL},
    {"tasks in", TH_COMMAND_PROCESS_TASKS, TH_FOLLOW_TASKS_OF, NULL},
    {"who is", TH_COMMAND_WHO_IS, TH_FOLLOW_TEXT, NULL},
    {"who's", TH_COMMAND_WHO_IS, TH_FOLLOW_TEXT, NULL},
    {"status of", TH_COMMAND_STATUS, TH_FOLLOW_STATUS, NULL},
    {"state of", TH_COMMAND_STATUS, TH_FOLLOW_STATUS, NULL},
    {"progress of", TH_COMMAND_STATUS, TH_FOLLOW_STATUS, NULL},
    {"how is", TH_COMMAND_STATUS, TH_FOLLOW_STATUS, NULL},
    {"how's", TH_COMMAND_STATUS, TH_FOLLOW_STATUS, NULL},
    {"how far is", TH_COMMAND_STATUS, TH_FOLLOW_STATUS, NULL},
    {"read the comments on", TH_COMMAND_COMMENTS, TH_FOLLOW_LISTED, NULL},
    {"read comments on", TH_COMMAND_COMMENTS, TH_FOLLOW_LISTED, NULL},
    {"comments on", TH_COMMAND_COMMENTS, TH_FOLLOW_LISTED, NULL},
    {"comments of", TH_COMMAND_COMMENTS, TH_FOLLOW_LISTED, NULL},
    {"comments for", TH_COMMAND_COMMENTS, TH_FOLLOW_LISTED, NULL},
    {"search for", TH_COMMAND_SEARCH, TH_FOLLOW_TEXT, NULL},
    {"search", TH_COMMAND_SEARCH, TH_FOLLOW_TEXT, NULL},
    {"find", TH_COMMAND_SEARCH, TH_FOLLOW_TEXT, NULL},
    {"look for", TH_COMMAND_SEARCH, TH_FOLLOW_TEXT, NULL},
    {"complete", TH_COMMAND_COMPLETE, TH_FOLLOW_DECIDED, NULL},
    {"finish", TH_COMMAND_COMPLETE, TH_FOLLOW_DECIDED, NULL},
    {"tick off", TH_COMMAND_COMPLETE, TH_FOLLOW_DECIDED, NULL},
    {"done with", TH_COMMAND_COMPLETE, TH_FOLLOW_DECIDED, NULL},
    {"done", TH_COMMAND_COMPLETE, TH_FOLLOW_DECIDED, NULL},
    {"mark", TH_COMMAND_COMPLETE, TH_FOLLOW_DECIDED, NULL},
    {"approve", TH_COMMAND_APPROVE, TH_FOLLOW_DECIDED, NULL},
    {"reject", TH_COMMAND_REJECT, TH_FOLLOW_DECIDED, NULL},
    {"decline", TH_COMMAND_REJECT, TH_FOLLOW_DECIDED, NULL},
    {"tick", TH_COMMAND_COMPLETE, TH_FOLLOW_DECIDED, NULL},
    {"reopen", TH_COMMAND_REOPEN, TH_FOLLOW_REASON, NULL},
    {"add a comment to", TH_COMMAND_COMMENT, TH_FOLLOW_COMMENT, NULL},
    {"add a comment on", TH_COMMAND_COMMENT, TH_FOLLOW_COMMENT, NULL},
    {"add comment to", TH_COMMAND_COMMENT, TH_FOLLOW_COMMENT, NULL},
    {"add comment on", TH_COMMAND_COMMENT, TH_FOLLOW_COMMENT, NULL},
    {"post a comment on", TH_COMMAND_COMMENT, TH_FOLLOW_COMMENT, NULL},
    {"comment on", TH_COMMAND_COMMENT, TH_FOLLOW_COMMENT, NULL},
    {"comment", TH_COMMAND_COMMENT, TH_FOLLOW_COMMENT, NULL},
    {"reassign", TH_COMMAND_ASSIGN, TH_FOLLOW_ASSIGN, NULL},
    {"assign", TH_COMMAND_ASSIGN, TH_FOLLOW_ASSIGN, NULL},
    {"hand over", TH_COMMAND_ASSIGN, TH_FOLLOW_ASSIGN, NULL},
    {"hand", TH_COMMAND_ASSIGN, TH_FOLLOW_ASSIGN, NULL},
    {"give", TH_COMMAND_ASSIGN, TH_FOLLOW_ASSIGN, NULL},
    {"delegate", TH_COMMAND_ASSIGN, TH_FOLLOW_ASSIGN, NULL},
    {"move the deadline of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"move the deadline for", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"move deadline of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"move deadline for", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"move the due date of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"move due date of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"set the deadline of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"set the deadline for", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"set deadline of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"set deadline for", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"set the due date of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"set due date of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"change the deadline of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"change the deadline for", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"change deadline of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"change deadline for", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"change the due date of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"change due date of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"extend the deadline of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"extend the deadline for", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"extend deadline of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"extend deadline for", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"extend the due date of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"extend due date of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"postpone the deadline of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"postpone the deadline for", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"postpone deadline of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"postpone deadline for", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"postpone the due date of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"postpone due date of", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"postpone", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"reschedule", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"extend", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"delay", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"move", TH_COMMAND_DEADLINE, TH_FOLLOW_DUE, NULL},
    {"archive", TH_COMMAND_ARCHIVE, TH_FOLLOW_NAMED, NULL},
    {"delete", TH_COMMAND_SAY, TH_FOLLOW_TEXT,
     "I delete nothing. `archive process 2` puts a process away, with all that is in it."},
    {"remind", TH_COMMAND_CREATE, TH_FOLLOW_REMIND, NULL},
    {"ask", TH_COMMAND_CREATE, TH_FOLLOW_REMIND, NULL},
    {"create a task", TH_COMMAND_CREATE, TH_FOLLOW_CREATE, NULL},
    {"create task", TH_COMMAND_CREATE, TH_FOLLOW_CREATE, NULL},
    {"add a task", TH_COMMAND_CREATE, TH_FOLLOW_CREATE, NULL},
    {"add task", TH_COMMAND_CREATE, TH_FOLLOW_CREATE, NULL},
    {"new task", TH_COMMAND_CREATE, TH_FOLLOW_CREATE, NULL},
    {"task:", TH_COMMAND_CREATE, TH_FOLLOW_CREATE, NULL},
    {"launch", TH_COMMAND_LAUNCH, TH_FOLLOW_LAUNCH, NULL},
    {"kick off", TH_COMMAND_LAUNCH, TH_FOLLOW_LAUNCH, NULL},
    {"start", TH_COMMAND_LAUNCH, TH_FOLLOW_LAUNCH, NULL},
    {"run", TH_COMMAND_LAUNCH, TH_FOLLOW_LAUNCH, NULL},
    {"show me", TH_COMMAND_SHOW, TH_FOLLOW_NAMED, NULL},
    {"show", TH_COMMAND_SHOW, TH_FOLLOW_NAMED, NULL},
    {"open", TH_COMMAND_SHOW, TH_FOLLOW_NAMED, NULL},
    {"details of", TH_COMMAND_SHOW, TH_FOLLOW_NAMED, NULL},
    {"details", TH_COMMAND_SHOW, TH_FOLLOW_NAMED, NULL},
};

#define BEGINNINGS (sizeof beginnings / sizeof beginnings[0])

const th_beginning_t *th_beginning_find(th_slice_t text, th_slice_t *rest) {
    for (size_t i = 0; i < BEGINNINGS; i++) {
        *rest = text;
        if (!th_words_skip(rest, beginnings[i].words)) continue;
        if (beginnings[i].follow != TH_FOLLOW_NOTHING || th_words_without_marks(*rest).length == 0)
            return &beginnings[i];
    }
    return NULL;
}

/* ---- guessing ---- */

static char lower(char byte) {
    return byte >= 'A' && byte <= 'Z' ? (char)(byte + 32) : byte;
}

/* From what was typed, whatever its case, to a beginning, which is in lower case. */
static unsigned distance(th_slice_t typed, const char *words) {
    char text[GUESS_BYTES];
    for (size_t i = 0; i < typed.length; i++)
        text[i] = lower(typed.data[i]);
    return th_nearest_distance(th_slice(text, typed.length), th_slice_of(words));
}

/* As many words of <text> as <words> has; empty where it has fewer. */
static th_slice_t first_words(th_slice_t text, const char *words) {
    size_t wanted = 1, at = 0;
    for (; *words; words++)
        wanted += *words == ' ';
    for (; wanted > 0; wanted--) {
        while (at < text.length && th_words_is_blank(text.data[at]))
            at++;
        if (at == text.length) return th_slice("", 0);
        while (at < text.length && !th_words_is_blank(text.data[at]))
            at++;
    }
    return th_slice(text.data, at);
}

size_t th_beginning_guess(th_slice_t text, char *out, size_t size) {
    const th_beginning_t *best = NULL;
    unsigned nearest = UINT_MAX;
    th_slice_t rest = {0};
    text = th_words_without_marks(text);
    for (size_t i = 0; i < BEGINNINGS; i++) {
        size_t length = strlen(beginnings[i].words);
        th_slice_t first = first_words(text, beginnings[i].words);
        th_slice_t behind =
            th_words_trimmed(th_slice(text.data + first.length, text.length - first.length));
        bool ends = beginnings[i].follow == TH_FOLLOW_NOTHING;
        if (length < 4 || length > GUESS_BYTES || first.length < 3 || first.length > GUESS_BYTES ||
            ends != (behind.length == 0) || lower(first.data[0]) != beginnings[i].words[0])
            continue; /* the first letter is seldom wrong: "how" is no "show" */
        unsigned far = distance(first, beginnings[i].words);
        if (far > (length >= 7 ? 2u : 1u) || far >= nearest) continue;
        best = &beginnings[i];
        nearest = far;
        rest = behind;
    }
    if (!best || strlen(best->words) + 1 + rest.length >= size) return 0;
    size_t length = strlen(best->words);
    memcpy(out, best->words, length);
    if (rest.length > 0) {
        out[length++] = ' ';
        memcpy(out + length, rest.data, rest.length);
        length += rest.length;
    }
    out[length] = '\0';
    return length;
}
