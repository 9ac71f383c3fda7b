/* offline_follow.c - a sentence that only means something behind those before it: a missing field,
 * a missing date, a yes to a guess. */
#include <string.h>

#include "chat/offline_commands.h"
#include "chat/offline_words.h"

typedef struct context {
    const th_slice_t *before; /* the newest first */
    size_t count;
    th_zones_t *zones;
    int64_t now_s;
} context_t;

static void add_pairs(th_command_t *command, th_slice_t pairs) {
    size_t length = strlen(command->detail);
    if (length > 0 && length + 3 < sizeof command->detail) {
        memcpy(command->detail + length, ", ", 3);
        length += 2;
    }
    th_words_keep(command->detail + length, sizeof command->detail - length, pairs);
}

/* "Department = Finance", perhaps behind others like it, behind a launch that lacked them. */
static bool add_to_launch(th_slice_t text, const context_t *context, th_command_t *command) {
    if (!text.length || !memchr(text.data, '=', text.length)) return false;
    for (size_t i = 0; i < context->count; i++) {
        th_slice_t one = context->before[i];
        th_command_read(one, context->zones, context->now_s, command);
        if (command->kind == TH_COMMAND_LAUNCH) {
            while (i > 0)
                add_pairs(command, th_words_trimmed(context->before[--i]));
            add_pairs(command, text);
            return true;
        }
        if (command->kind != TH_COMMAND_UNKNOWN || !one.length ||
            !memchr(one.data, '=', one.length))
            return false;
    }
    return false;
}

/* "by Friday" behind a task, or a change of deadline, without a date. */
static bool add_date(th_slice_t text, const context_t *context, th_command_t *command) {
    static const char *const marks[] = {"by", "until", "till", "to", "on", NULL};
    static const char probe[] = "move 1 to ";
    char whole[sizeof command->when + sizeof probe];
    th_command_t date;
    (void)th_words_skip_one_of(&text, marks);
    if (!context->count || !text.length || text.length >= sizeof command->when) return false;
    th_command_read(context->before[0], context->zones, context->now_s, command);
    if ((command->kind != TH_COMMAND_CREATE && command->kind != TH_COMMAND_DEADLINE) ||
        command->when[0])
        return false;
    memcpy(whole, probe, sizeof probe - 1);
    memcpy(whole + sizeof probe - 1, text.data, text.length);
    th_command_read(th_slice(whole, sizeof probe - 1 + text.length), context->zones, context->now_s,
                    &date);
    memcpy(command->when, date.when, sizeof command->when);
    return command->when[0] != '\0';
}

/* "yes" to "Did you mean ...?". */
static bool take_guess(const context_t *context, th_command_t *command) {
    char guess[1200];
    if (!context->count) return false;
    th_command_read(context->before[0], context->zones, context->now_s, command);
    if (command->kind != TH_COMMAND_UNKNOWN) return false;
    size_t length = th_command_guess(context->before[0], guess, sizeof guess);
    if (length == 0) return false;
    th_command_read(th_slice(guess, length), context->zones, context->now_s, command);
    return true;
}

bool th_command_complete(th_slice_t text, const th_slice_t *before, size_t count, th_zones_t *zones,
                         int64_t now_s, th_command_t *command) {
    const context_t context = {before, count, zones, now_s};
    const th_command_t was = *command;
    text = th_words_without_marks(text);
    bool found = was.kind == TH_COMMAND_YES
                     ? take_guess(&context, command)
                     : was.kind == TH_COMMAND_UNKNOWN && (add_to_launch(text, &context, command) ||
                                                          add_date(text, &context, command));
    if (!found) *command = was;
    return found;
}
