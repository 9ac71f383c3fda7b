/* offline_commands.c - a table of beginnings, and a reader for what may follow each. */
#include "chat/offline_commands.h"

#include <string.h>

#include "chat/offline_words.h"

#define DATES_MAX 8

/* ---- dates ---- */

/* Takes the date that the sentence is about out of it: a deadline, or one at its end. */
static th_slice_t take_date(th_slice_t text, th_zones_t *zones, int64_t now_s,
                            th_command_t *command, char *scratch, size_t size) {
    th_date_context_t context;
    th_date_t dates[DATES_MAX];
    const th_date_t *chosen = NULL;
    if (text.length == 0 || text.length >= size) return text;
    th_date_context_defaults(&context);
    context.zone = th_zones_utc(zones); /* only the place of the words counts */
    context.reference = now_s;
    size_t count = th_date_extract(text, &context, zones, dates, DATES_MAX);
    for (size_t i = 0; i < count; i++) {
        bool at_end = th_words_trimmed(th_slice(text.data + dates[i].start + dates[i].length,
                                                text.length - dates[i].start - dates[i].length))
                          .length == 0;
        if (dates[i].start > 0 && (dates[i].deadline || (at_end && !chosen))) chosen = &dates[i];
    }
    if (!chosen) return text;
    th_words_keep(command->when, sizeof command->when,
                  th_slice(text.data + chosen->start, chosen->length));
    size_t length = th_date_rest(text, chosen, scratch, size);
    return th_words_without_marks(th_slice(scratch, length));
}

/* ---- what follows each beginning ---- */

/* "mark Sign lease as done" names "Sign lease". */
static th_slice_t without_ending(th_slice_t text) {
    static const char *const endings[] = {" as done", " as completed", " as complete"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t length = strlen(endings[i]);
        if (text.length > length &&
            strncasecmp(text.data + text.length - length, endings[i], length) == 0)
            return th_words_trimmed(th_slice(text.data, text.length - length));
    }
    return text;
}

static void read_named(th_slice_t rest, th_command_t *command) {
    th_slice_t name, behind;
    th_words_numbers(&rest, command);
    if (command->number_count > 0) {
        th_words_keep(command->detail, sizeof command->detail, rest);
        return;
    }
    (void)th_words_skip_kind(&rest);
    if (!th_words_quoted(rest, &name, &behind)) name = without_ending(rest);
    th_words_keep(command->subject, sizeof command->subject, name);
}

/* "3: text", "Sign lease: text", "3 because ...". */
static void read_with_detail(th_slice_t rest, const char *const *marks, th_command_t *command) {
    th_slice_t detail = {0};
    th_words_numbers(&rest, command);
    if (command->number_count > 0) {
        while (th_words_skip_one_of(&rest, marks)) {
        }
        th_words_keep(command->detail, sizeof command->detail, rest);
        return;
    }
    (void)th_words_skip_kind(&rest);
    size_t at = SIZE_MAX;
    for (const char *const *mark = marks; *mark && at == SIZE_MAX; mark++) {
        at = th_words_find(rest, *mark, false);
        if (at == SIZE_MAX) continue;
        size_t behind = at + strlen(*mark);
        detail = th_words_trimmed(th_slice(rest.data + behind, rest.length - behind));
        rest = th_words_without_marks(th_slice(rest.data, at));
    }
    th_words_keep(command->subject, sizeof command->subject, rest);
    th_words_keep(command->detail, sizeof command->detail, detail);
}

/* A name as people write one: an address, "me", or up to three words that begin with a capital. */
static bool looks_like_person(th_slice_t text) {
    if (text.length == 0 || text.length > 100) return false;
    if (th_slice_equal_nocase(text, TH_SLICE("me")) || memchr(text.data, '@', text.length))
        return !memchr(text.data, ' ', text.length);
    int words = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (i > 0 && !th_words_is_blank(text.data[i - 1])) continue;
        unsigned char first = (unsigned char)text.data[i];
        if (!(first >= 'A' && first <= 'Z') && first < 0x80) return false;
        words++;
    }
    return words <= 3;
}

/* Takes " for Jane" from the end. */
static th_slice_t take_person(th_slice_t text, bool any_words, th_command_t *command) {
    size_t at = th_words_find(text, " for ", true);
    if (at == SIZE_MAX || at == 0) return text;
    th_slice_t who = th_words_without_marks(th_slice(text.data + at + 5, text.length - at - 5));
    if (who.length == 0 || !(any_words || looks_like_person(who))) return text;
    th_words_keep(command->person, sizeof command->person, who);
    return th_words_without_marks(th_slice(text.data, at));
}

typedef struct sources {
    th_zones_t *zones;
    int64_t now_s;
} sources_t;

static void read_create(th_slice_t rest, const sources_t *sources, th_command_t *command) {
    char scratch[4096];
    (void)th_words_skip(&rest, ":");
    rest = take_date(th_words_without_marks(rest), sources->zones, sources->now_s, command, scratch,
                     sizeof scratch);
    rest = take_person(rest, false, command);
    th_slice_t name, behind;
    if (th_words_quoted(rest, &name, &behind) && behind.length == 0) rest = name;
    th_words_keep(command->subject, sizeof command->subject, rest);
}

/* "Ben to call the bank by Friday". */
static void read_remind(th_slice_t rest, const sources_t *sources, th_command_t *command) {
    char scratch[4096];
    size_t at = th_words_find(rest, " to ", false);
    if (at == SIZE_MAX) {
        read_create(rest, sources, command);
        return;
    }
    th_words_keep(command->person, sizeof command->person,
                  th_words_trimmed(th_slice(rest.data, at)));
    rest = take_date(th_words_without_marks(th_slice(rest.data + at + 4, rest.length - at - 4)),
                     sources->zones, sources->now_s, command, scratch, sizeof scratch);
    th_words_keep(command->subject, sizeof command->subject, rest);
}

/* "onboarding for Jane by Friday with Manager = Ben, Office = Berlin". */
static void read_launch(th_slice_t rest, const sources_t *sources, th_command_t *command) {
    static const char *const fillers[] = {"a new", "the", "an", "a", "process", "template", NULL};
    char scratch[4096];
    size_t with = th_words_find(rest, " with ", false);
    if (with != SIZE_MAX && memchr(rest.data + with, '=', rest.length - with)) {
        th_words_keep(command->detail, sizeof command->detail,
                      th_words_trimmed(th_slice(rest.data + with + 6, rest.length - with - 6)));
        rest = th_slice(rest.data, with);
    }
    rest = take_date(th_words_without_marks(rest), sources->zones, sources->now_s, command, scratch,
                     sizeof scratch);
    th_slice_t at = rest, name, behind;
    while (th_words_skip_one_of(&at, fillers)) {
    }
    if (th_words_quoted(at, &name, &behind)) {
        th_words_keep(command->subject, sizeof command->subject, name);
        if (th_words_skip(&behind, "for"))
            th_words_keep(command->person, sizeof command->person, th_words_without_marks(behind));
        return;
    }
    th_words_numbers(&rest, command);
    if (command->number_count > 0) {
        if (th_words_skip(&rest, "for"))
            th_words_keep(command->person, sizeof command->person, th_words_without_marks(rest));
        return;
    }
    th_words_keep(command->subject, sizeof command->subject, take_person(at, true, command));
}

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
    read_named(process ? at : rest, command);
    if (process || command->number_count > 0) command->kind = TH_COMMAND_PROCESS_TASKS;
}

/* ---- the table ---- */

typedef enum follow {
    FOLLOW_NOTHING, /* the sentence ends there */
    FOLLOW_NAMED,
    FOLLOW_TEXT,
    FOLLOW_REASON,
    FOLLOW_COMMENT,
    FOLLOW_CREATE,
    FOLLOW_REMIND,
    FOLLOW_LAUNCH,
    FOLLOW_CALL,
    FOLLOW_TASKS_OF,
} follow_t;

typedef struct beginning {
    const char *words;
    th_command_kind_t kind;
    follow_t follow;
} beginning_t;

/* The first that fits counts: longer ones stand before what they begin with. */
static const beginning_t beginnings[] = {
    {"call a tool", TH_COMMAND_HELP, FOLLOW_NOTHING},
    {"call", TH_COMMAND_CALL, FOLLOW_CALL},
    {"help me", TH_COMMAND_HELP, FOLLOW_NOTHING},
    {"help", TH_COMMAND_HELP, FOLLOW_NOTHING},
    {"?", TH_COMMAND_HELP, FOLLOW_NOTHING},
    {"commands", TH_COMMAND_HELP, FOLLOW_NOTHING},
    {"what can you do", TH_COMMAND_HELP, FOLLOW_NOTHING},
    {"what can i say", TH_COMMAND_HELP, FOLLOW_NOTHING},
    {"hello", TH_COMMAND_GREETING, FOLLOW_NOTHING},
    {"hi", TH_COMMAND_GREETING, FOLLOW_NOTHING},
    {"good morning", TH_COMMAND_GREETING, FOLLOW_NOTHING},
    {"thank you", TH_COMMAND_THANKS, FOLLOW_NOTHING},
    {"thanks", TH_COMMAND_THANKS, FOLLOW_NOTHING},
    {"who am i", TH_COMMAND_WHO_AM_I, FOLLOW_NOTHING},
    {"me", TH_COMMAND_WHO_AM_I, FOLLOW_NOTHING},
    {"whoami", TH_COMMAND_WHO_AM_I, FOLLOW_NOTHING},
    {"what do i have to do", TH_COMMAND_MY_TASKS, FOLLOW_NOTHING},
    {"what is on my plate", TH_COMMAND_MY_TASKS, FOLLOW_NOTHING},
    {"what's on my plate", TH_COMMAND_MY_TASKS, FOLLOW_NOTHING},
    {"what are my tasks", TH_COMMAND_MY_TASKS, FOLLOW_NOTHING},
    {"what is due", TH_COMMAND_MY_TASKS, FOLLOW_NOTHING},
    {"open tasks", TH_COMMAND_MY_TASKS, FOLLOW_NOTHING},
    {"my open tasks", TH_COMMAND_MY_TASKS, FOLLOW_NOTHING},
    {"my tasks", TH_COMMAND_MY_TASKS, FOLLOW_NOTHING},
    {"my work", TH_COMMAND_MY_TASKS, FOLLOW_NOTHING},
    {"tasks", TH_COMMAND_MY_TASKS, FOLLOW_NOTHING},
    {"todo", TH_COMMAND_MY_TASKS, FOLLOW_NOTHING},
    {"running processes", TH_COMMAND_PROCESSES, FOLLOW_NOTHING},
    {"my processes", TH_COMMAND_PROCESSES, FOLLOW_NOTHING},
    {"processes", TH_COMMAND_PROCESSES, FOLLOW_NOTHING},
    {"templates", TH_COMMAND_TEMPLATES, FOLLOW_NOTHING},
    {"blueprints", TH_COMMAND_TEMPLATES, FOLLOW_NOTHING},
    {"what can i launch", TH_COMMAND_TEMPLATES, FOLLOW_NOTHING},
    {"people", TH_COMMAND_PEOPLE, FOLLOW_NOTHING},
    {"members", TH_COMMAND_PEOPLE, FOLLOW_NOTHING},
    {"users", TH_COMMAND_PEOPLE, FOLLOW_NOTHING},
    {"team", TH_COMMAND_PEOPLE, FOLLOW_NOTHING},
    {"guests", TH_COMMAND_GUESTS, FOLLOW_NOTHING},
    {"groups", TH_COMMAND_GROUPS, FOLLOW_NOTHING},
    {"tags", TH_COMMAND_TAGS, FOLLOW_NOTHING},
    {"next page", TH_COMMAND_MORE, FOLLOW_NOTHING},
    {"next", TH_COMMAND_MORE, FOLLOW_NOTHING},
    {"more", TH_COMMAND_MORE, FOLLOW_NOTHING},
    {"tasks of", TH_COMMAND_TASKS_OF, FOLLOW_TASKS_OF},
    {"tasks for", TH_COMMAND_TASKS_OF, FOLLOW_TASKS_OF},
    {"tasks in", TH_COMMAND_PROCESS_TASKS, FOLLOW_TASKS_OF},
    {"search for", TH_COMMAND_SEARCH, FOLLOW_TEXT},
    {"search", TH_COMMAND_SEARCH, FOLLOW_TEXT},
    {"find", TH_COMMAND_SEARCH, FOLLOW_TEXT},
    {"look for", TH_COMMAND_SEARCH, FOLLOW_TEXT},
    {"complete", TH_COMMAND_COMPLETE, FOLLOW_NAMED},
    {"finish", TH_COMMAND_COMPLETE, FOLLOW_NAMED},
    {"tick off", TH_COMMAND_COMPLETE, FOLLOW_NAMED},
    {"done with", TH_COMMAND_COMPLETE, FOLLOW_NAMED},
    {"done", TH_COMMAND_COMPLETE, FOLLOW_NAMED},
    {"mark", TH_COMMAND_COMPLETE, FOLLOW_NAMED},
    {"approve", TH_COMMAND_APPROVE, FOLLOW_NAMED},
    {"reject", TH_COMMAND_REJECT, FOLLOW_NAMED},
    {"reopen", TH_COMMAND_REOPEN, FOLLOW_REASON},
    {"comment on", TH_COMMAND_COMMENT, FOLLOW_COMMENT},
    {"comment", TH_COMMAND_COMMENT, FOLLOW_COMMENT},
    {"remind", TH_COMMAND_CREATE, FOLLOW_REMIND},
    {"ask", TH_COMMAND_CREATE, FOLLOW_REMIND},
    {"create a task", TH_COMMAND_CREATE, FOLLOW_CREATE},
    {"create task", TH_COMMAND_CREATE, FOLLOW_CREATE},
    {"add a task", TH_COMMAND_CREATE, FOLLOW_CREATE},
    {"add task", TH_COMMAND_CREATE, FOLLOW_CREATE},
    {"new task", TH_COMMAND_CREATE, FOLLOW_CREATE},
    {"task:", TH_COMMAND_CREATE, FOLLOW_CREATE},
    {"launch", TH_COMMAND_LAUNCH, FOLLOW_LAUNCH},
    {"kick off", TH_COMMAND_LAUNCH, FOLLOW_LAUNCH},
    {"start", TH_COMMAND_LAUNCH, FOLLOW_LAUNCH},
    {"run", TH_COMMAND_LAUNCH, FOLLOW_LAUNCH},
    {"show me", TH_COMMAND_SHOW, FOLLOW_NAMED},
    {"show", TH_COMMAND_SHOW, FOLLOW_NAMED},
    {"open", TH_COMMAND_SHOW, FOLLOW_NAMED},
    {"details of", TH_COMMAND_SHOW, FOLLOW_NAMED},
    {"details", TH_COMMAND_SHOW, FOLLOW_NAMED},
};

static void read_rest(const beginning_t *row, th_slice_t rest, const sources_t *sources,
                      th_command_t *command) {
    static const char *const reasons[] = {"because", "since", ":", NULL};
    static const char *const says[] = {":", "saying", NULL};
    command->kind = row->kind;
    switch (row->follow) {
    case FOLLOW_NOTHING: return;
    case FOLLOW_NAMED: read_named(th_words_without_marks(rest), command); return;
    case FOLLOW_TEXT: {
        th_slice_t name, behind;
        if (!th_words_quoted(rest, &name, &behind)) name = th_words_without_marks(rest);
        th_words_keep(command->subject, sizeof command->subject, name);
        return;
    }
    case FOLLOW_REASON: read_with_detail(rest, reasons, command); return;
    case FOLLOW_COMMENT: read_with_detail(rest, says, command); return;
    case FOLLOW_CREATE: read_create(rest, sources, command); return;
    case FOLLOW_REMIND: read_remind(rest, sources, command); return;
    case FOLLOW_LAUNCH: read_launch(rest, sources, command); return;
    case FOLLOW_CALL: read_call(rest, command); return;
    case FOLLOW_TASKS_OF: read_tasks_of(th_words_without_marks(rest), command); return;
    }
}

static const beginning_t *find_beginning(th_slice_t text, th_slice_t *rest) {
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        *rest = text;
        if (!th_words_skip(rest, beginnings[i].words)) continue;
        if (beginnings[i].follow != FOLLOW_NOTHING || th_words_without_marks(*rest).length == 0)
            return &beginnings[i];
    }
    return NULL;
}

/* "Ben's tasks". */
static bool read_possessive(th_slice_t text, th_command_t *command) {
    static const char *const ends[] = {"'s tasks", "\xe2\x80\x99s tasks", "' tasks"};
    text = th_words_without_marks(text);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t length = strlen(ends[i]);
        if (text.length <= length ||
            strncasecmp(text.data + text.length - length, ends[i], length) != 0)
            continue;
        command->kind = TH_COMMAND_TASKS_OF;
        th_words_keep(command->subject, sizeof command->subject,
                      th_slice(text.data, text.length - length));
        return true;
    }
    return false;
}

void th_command_read(th_slice_t text, th_zones_t *zones, int64_t now_s, th_command_t *command) {
    static const char *const courtesy[] = {"please",    "can you",     "could you", "would you",
                                           "i want to", "i'd like to", "let's",     NULL};
    static const char *const listing[] = {"show me the", "show me",  "show all", "show the",
                                          "show",        "list all", "list the", "list",
                                          "get",         "give me",  NULL};
    const sources_t sources = {zones, now_s};
    th_slice_t rest;
    memset(command, 0, sizeof *command);
    text = th_words_trimmed(text);
    while (th_words_skip_one_of(&text, courtesy)) {
    }
    /* "show my tasks" is "my tasks"; "show 3" is not "3". */
    th_slice_t listed = text;
    if (th_words_skip_one_of(&listed, listing) && listed.length > 0) {
        const beginning_t *row = find_beginning(listed, &rest);
        if (row && (row->follow == FOLLOW_NOTHING || row->follow == FOLLOW_TASKS_OF)) {
            read_rest(row, rest, &sources, command);
            return;
        }
        if (read_possessive(listed, command)) return;
    }
    if (read_possessive(text, command)) return;
    const beginning_t *row = find_beginning(text, &rest);
    if (row) read_rest(row, rest, &sources, command);
}

bool th_command_complete(th_slice_t text, th_slice_t before, th_zones_t *zones, int64_t now_s,
                         th_command_t *command) {
    const th_command_t was = *command;
    text = th_words_trimmed(text);
    if (command->kind != TH_COMMAND_UNKNOWN || !text.length || !memchr(text.data, '=', text.length))
        return false;
    th_command_read(before, zones, now_s, command);
    if (command->kind != TH_COMMAND_LAUNCH) {
        *command = was;
        return false;
    }
    size_t length = strlen(command->detail);
    if (length > 0 && length + 3 < sizeof command->detail) {
        memcpy(command->detail + length, ", ", 3);
        length += 2;
    }
    th_words_keep(command->detail + length, sizeof command->detail - length, text);
    return true;
}
