/* life.c - when a conversation ends by itself: unused, too old, or left alone. Its one deadline
 * stands at the next moment that matters as known when it was set; use only moves that moment
 * further away, so it is looked at again when the deadline passes. */
#include "chat/chat_internal.h"

typedef struct moments {
    uint64_t idle, life, lost;           /* the end, for each reason; UINT64_MAX = not now */
    uint64_t idle_warning, life_warning; /* UINT64_MAX = given */
} moments_t;

static bool is_at_work(const th_conversation_t *conversation) {
    return conversation->turn || !th_list_is_empty(&conversation->runs);
}

static uint64_t warn_before(uint64_t end, int64_t span, int64_t warning) {
    uint64_t before = (uint64_t)(warning < span / 2 ? warning : span / 2);
    return end > before ? end - before : 0;
}

static moments_t moments_of(const th_conversation_t *conversation) {
    const th_settings_t *settings = th_chat_settings(conversation->chat);
    moments_t moments = {
        .idle = conversation->used_at + (uint64_t)settings->session_idle,
        .life = conversation->created_at + (uint64_t)settings->session_life,
        .lost = conversation->connection_count
                    ? UINT64_MAX
                    : conversation->left_at + (uint64_t)settings->chat_resume,
    };
    moments.idle_warning =
        conversation->warned_idle
            ? UINT64_MAX
            : warn_before(moments.idle, settings->session_idle, settings->chat_warning);
    moments.life_warning =
        conversation->warned_life
            ? UINT64_MAX
            : warn_before(moments.life, settings->session_life, settings->chat_warning);
    return moments;
}

static void arm(th_conversation_t *conversation) {
    moments_t moments = moments_of(conversation);
    uint64_t now = th_chat_now(conversation->chat), next = moments.idle;
    const uint64_t others[] = {moments.life, moments.lost, moments.idle_warning,
                               moments.life_warning};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] < next) next = others[i];
    th_deadline_set(&conversation->chat->deadlines, &conversation->end,
                    next > now ? next - now : 0);
}

static void warn(th_conversation_t *conversation, const char *reason, uint64_t end) {
    th_draft_t draft;
    th_event_begin(conversation, &draft, "expiring", NULL);
    th_json_write_member_text(&draft.json, "reason", reason);
    th_json_write_member_integer(&draft.json, "within",
                                 (int64_t)(end - th_chat_now(conversation->chat)));
    (void)th_event_end(conversation, &draft, false);
}

static void on_moment(th_deadline_t *deadline) {
    th_conversation_t *conversation = TH_CONTAINER(deadline, th_conversation_t, end);
    uint64_t now = th_chat_now(conversation->chat);
    if (is_at_work(conversation)) th_conversation_touch(conversation); /* work does not age */
    moments_t moments = moments_of(conversation);
    if (now >= moments.life || now >= moments.idle || now >= moments.lost) {
        th_conversation_end(conversation, now >= moments.life ? "life" : "idle");
        return;
    }
    if (now >= moments.life_warning) {
        conversation->warned_life = true;
        warn(conversation, "life", moments.life);
    }
    if (now >= moments.idle_warning) {
        conversation->warned_idle = true;
        warn(conversation, "idle", moments.idle);
    }
    arm(conversation);
}

void th_life_begin(th_conversation_t *conversation) {
    uint64_t now = th_chat_now(conversation->chat);
    conversation->created_at = conversation->used_at = conversation->left_at = now;
    th_deadline_init(&conversation->end, on_moment);
    arm(conversation);
}

void th_life_update(th_conversation_t *conversation) {
    if (!conversation->ended) arm(conversation);
}
