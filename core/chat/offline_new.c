/* offline_new.c - sentences about what is to be: tasks, reminders, processes. */
#include "chat/offline_sentence.h"

#include <string.h>

#include "chat/offline_words.h"

#define DATES_MAX 8

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

/* Takes "for Ben:" or "for Ben to" from the beginning. */
static th_slice_t take_first_person(th_slice_t text, th_command_t *command) {
    static const char *const marks[] = {":", " to "};
    th_slice_t at = text;
    if (!th_words_skip(&at, "for")) return text;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        size_t end = th_words_find(at, marks[i], false);
        if (end == SIZE_MAX) continue;
        th_slice_t who = th_words_trimmed(th_slice(at.data, end));
        if (!looks_like_person(who)) continue;
        th_words_keep(command->person, sizeof command->person, who);
        size_t behind = end + strlen(marks[i]);
        return th_words_trimmed(th_slice(at.data + behind, at.length - behind));
    }
    return text;
}

void th_sentence_create(th_slice_t rest, const th_sources_t *sources, th_command_t *command) {
    char scratch[4096];
    (void)th_words_skip(&rest, ":");
    rest = take_first_person(rest, command);
    rest = take_date(th_words_without_marks(rest), sources->zones, sources->now_s, command, scratch,
                     sizeof scratch);
    if (!command->person[0]) rest = take_person(rest, false, command);
    th_slice_t name, behind;
    if (th_words_quoted(rest, &name, &behind) && behind.length == 0) rest = name;
    th_words_keep(command->subject, sizeof command->subject, rest);
}

/* "Ben to call the bank by Friday", "Ben about the lease". */
void th_sentence_remind(th_slice_t rest, const th_sources_t *sources, th_command_t *command) {
    char scratch[4096];
    size_t at = th_words_find(rest, " to ", false), behind = at + 4;
    size_t about = th_words_find(rest, " about ", false);
    if (about < at) behind = (at = about) + 7;
    if (at == SIZE_MAX) {
        th_sentence_create(rest, sources, command);
        return;
    }
    th_words_keep(command->person, sizeof command->person,
                  th_words_trimmed(th_slice(rest.data, at)));
    rest = take_date(th_words_without_marks(th_slice(rest.data + behind, rest.length - behind)),
                     sources->zones, sources->now_s, command, scratch, sizeof scratch);
    th_words_keep(command->subject, sizeof command->subject, rest);
}

/* "onboarding for Jane by Friday with Manager = Ben, Office = Berlin". */
void th_sentence_launch(th_slice_t rest, const th_sources_t *sources, th_command_t *command) {
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
    th_words_keep(command->subject, sizeof command->subject,
                  th_sentence_plain_name(take_person(at, true, command)));
}
