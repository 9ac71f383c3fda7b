/* offline_named.c - sentences about what is there: which things, and what is to become of them. */
#include "chat/offline_sentence.h"

#include <string.h>

#include "chat/offline_words.h"

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

/* Words that change nothing behind a number: "complete 3 please". */
static th_slice_t without_idle(th_slice_t text) {
    static const char *const idle[] = {"as done",     "as completed", "as complete",
                                       "as finished", "please",       "for me",
                                       "now",         "too",          NULL};
    while (th_words_skip_one_of(&text, idle)) {
    }
    return th_words_without_marks(text);
}

/* What stands behind the numbers and is not understood must not be dropped in silence. */
static void refuse_rest(th_slice_t rest, th_command_t *command) {
    if (without_idle(rest).length == 0) return;
    command->kind = TH_COMMAND_TOO_MUCH;
    th_words_keep(command->detail, sizeof command->detail, rest);
}

th_slice_t th_sentence_plain_name(th_slice_t name) {
    static const char *const kinds[] = {" template", " process", " task"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t length = strlen(kinds[i]);
        if (name.length > length &&
            strncasecmp(name.data + name.length - length, kinds[i], length) == 0)
            return th_words_trimmed(th_slice(name.data, name.length - length));
    }
    return name;
}

void th_sentence_named(th_slice_t rest, th_command_t *command) {
    th_slice_t name, behind;
    th_words_numbers(&rest, command);
    if (command->number_count > 0) {
        refuse_rest(rest, command);
        return;
    }
    command->noun = th_words_noun(rest);
    (void)th_words_skip(&rest, "the");
    (void)th_words_skip_kind(&rest);
    if (!th_words_quoted(rest, &name, &behind)) name = th_sentence_plain_name(without_ending(rest));
    th_words_keep(command->subject, sizeof command->subject, name);
}

/* "Northgate going": how things are with a process. */
void th_sentence_status(th_slice_t rest, th_command_t *command) {
    static const char *const endings[] = {" going", " doing", " getting on", " coming along"};
    rest = th_words_without_marks(rest);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t length = strlen(endings[i]);
        if (rest.length > length &&
            strncasecmp(rest.data + rest.length - length, endings[i], length) == 0)
            rest.length -= length;
    }
    th_sentence_named(th_words_trimmed(rest), command);
}

/* "3 because the price is too high", "Sign lease because ...": the reason becomes a comment. A name
 * may have a colon or a dash in it, so behind names only words count. */
void th_sentence_decided(th_slice_t rest, th_command_t *command) {
    static const char *const marks[] = {"because", "since", "saying", ":", "-", NULL};
    static const char *const words[] = {" because ", " since ", " saying "};
    th_slice_t detail = {0};
    th_words_numbers(&rest, command);
    if (command->number_count > 0) {
        rest = without_idle(rest);
        (void)th_words_skip(&rest, ",");
        if (th_words_skip_one_of(&rest, marks))
            th_words_keep(command->detail, sizeof command->detail, rest);
        else
            refuse_rest(rest, command);
        return;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0] && detail.length == 0; i++) {
        size_t at = th_words_find(rest, words[i], false), behind = at + strlen(words[i]);
        if (at == SIZE_MAX || at == 0) continue;
        detail = th_words_trimmed(th_slice(rest.data + behind, rest.length - behind));
        rest = th_words_trimmed(th_slice(rest.data, at));
    }
    th_sentence_named(th_words_without_marks(rest), command);
    th_words_keep(command->detail, sizeof command->detail, detail);
}

/* "3: text", "Sign lease: text", "3 because ...". */
void th_sentence_with_detail(th_slice_t rest, const char *const *marks, th_command_t *command) {
    th_slice_t detail = {0};
    th_words_numbers(&rest, command);
    if (command->number_count > 0) {
        while (th_words_skip_one_of(&rest, marks)) {
        }
        th_words_keep(command->detail, sizeof command->detail, rest);
        return;
    }
    (void)th_words_skip(&rest, "the");
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

/* "3 to Ben", "Sign lease over to the group Finance". */
void th_sentence_assign(th_slice_t rest, th_command_t *command) {
    static const char *const groups[] = {"the group", "group", NULL};
    rest = th_words_without_marks(rest);
    th_words_numbers(&rest, command);
    th_slice_t who = rest;
    if (command->number_count > 0) {
        (void)th_words_skip(&who, "over");
        if (!th_words_skip(&who, "to")) {
            refuse_rest(who, command);
            return;
        }
    } else {
        size_t at = th_words_find(rest, " to ", true), over;
        th_slice_t name = at == SIZE_MAX ? rest : th_words_trimmed(th_slice(rest.data, at));
        who = at == SIZE_MAX ? th_slice("", 0) : th_slice(rest.data + at + 4, rest.length - at - 4);
        over = th_words_find(name, " over", true);
        if (over != SIZE_MAX && over + 5 == name.length) name.length = over;
        th_sentence_named(name, command);
    }
    who = th_words_trimmed(who);
    if (th_words_skip_one_of(&who, groups))
        th_words_keep(command->detail, sizeof command->detail, TH_SLICE("group"));
    th_words_keep(command->person, sizeof command->person, who);
}

static bool is_date(th_slice_t text, const th_sources_t *sources) {
    th_date_context_t context;
    th_date_t date;
    th_error_t error;
    th_date_context_defaults(&context);
    context.zone = th_zones_utc(sources->zones);
    context.reference = sources->now_s;
    return text.length > 0 && th_date_parse(text, &context, sources->zones, &date, &error);
}

/* "2 to next Tuesday", "Sign lease until Friday". "by a week" would be a length, not a date. */
void th_sentence_due(th_slice_t rest, const th_sources_t *sources, th_command_t *command) {
    static const char *const marks[] = {"to", "until", "till", "on", NULL};
    static const char *const words[] = {" to ", " until ", " till ", " on "};
    rest = th_words_without_marks(rest);
    th_words_numbers(&rest, command);
    if (command->number_count > 0) {
        (void)th_words_skip_one_of(&rest, marks);
        if (is_date(rest, sources)) th_words_keep(command->when, sizeof command->when, rest);
        return;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0] && !command->when[0]; i++) {
        size_t at = th_words_find(rest, words[i], true), behind = at + strlen(words[i]);
        if (at == SIZE_MAX) continue;
        th_slice_t when = th_words_trimmed(th_slice(rest.data + behind, rest.length - behind));
        if (!is_date(when, sources)) continue;
        th_words_keep(command->when, sizeof command->when, when);
        rest = th_words_trimmed(th_slice(rest.data, at));
    }
    th_sentence_named(rest, command);
}
