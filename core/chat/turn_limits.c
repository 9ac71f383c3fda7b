/* turn_limits.c - how far a turn goes by itself, and what it used. */
#include <inttypes.h>

#include "chat/turn.h"

void th_turn_allow(th_turn_t *turn) {
    const th_settings_t *settings = th_chat_settings(turn->conversation->chat);
    turn->rounds_allowed = turn->rounds + settings->chat_rounds;
    turn->calls_allowed = turn->made + settings->chat_calls;
    turn->tokens_allowed = th_usage_tokens(&turn->usage) + settings->chat_tokens_per_turn;
    uint64_t age = th_chat_now(turn->conversation->chat) - turn->began_at;
    turn->time_allowed = (int64_t)(age - turn->waited_ms) + settings->chat_turn_time;
}

void th_turn_waits(th_turn_t *turn) {
    if (turn->waits++ == 0) turn->waits_since = th_chat_now(turn->conversation->chat);
}

void th_turn_waited(th_turn_t *turn) {
    if (--turn->waits == 0)
        turn->waited_ms += th_chat_now(turn->conversation->chat) - turn->waits_since;
}

const char *th_turn_limit(const th_turn_t *turn) {
    uint64_t age = th_chat_now(turn->conversation->chat) - turn->began_at;
    if (turn->rounds >= turn->rounds_allowed)
        return "The assistant has gone back and forth many times already. Go on?";
    if (turn->made > turn->calls_allowed)
        return "The assistant wants to call more tools than one question usually takes. Go on?";
    if (th_usage_tokens(&turn->usage) >= turn->tokens_allowed)
        return "This question has used many tokens already. Go on?";
    if ((int64_t)(age - turn->waited_ms) >= turn->time_allowed)
        return "This question has taken a long time already. Go on?";
    return NULL;
}

bool th_turn_within_budget(const th_conversation_t *conversation, th_error_t *error) {
    const th_chat_t *chat = conversation->chat;
    const th_settings_t *settings = th_chat_settings(chat);
    if (th_usage_tokens(&conversation->usage) >= settings->chat_tokens_per_session)
        return th_error_set(error, "budget",
                            "This chat has used all of its %" PRId64
                            " tokens. Sign out and in again to begin another.",
                            settings->chat_tokens_per_session);
    if (!settings->chat_tokens_per_person) return true;
    int64_t spent = th_budget_spent(&chat->budget, th_grant_principal(conversation->grant),
                                    th_chat_now(chat), (uint64_t)settings->chat_budget_time);
    if (spent < settings->chat_tokens_per_person) return true;
    return th_error_set(error, "budget",
                        "You have used all of your %" PRId64
                        " tokens for now. Tools can still be called directly.",
                        settings->chat_tokens_per_person);
}

void th_turn_count(th_turn_t *turn, const th_usage_t *usage) {
    th_conversation_t *conversation = turn->conversation;
    th_chat_t *chat = conversation->chat;
    th_usage_add(&turn->usage, usage);
    th_usage_add(&conversation->usage, usage);
    const char *principal = th_grant_principal(conversation->grant);
    int64_t tokens = th_usage_tokens(usage);
    th_chat_spent(chat, principal, tokens);
    if (chat->spent && tokens > 0 && th_chat_settings(chat)->chat_tokens_per_person > 0)
        chat->spent(chat->spent_arg, principal, tokens);
}

void th_chat_on_spent(th_chat_t *chat,
                      void (*spent)(void *arg, const char *principal, int64_t tokens), void *arg) {
    chat->spent = spent;
    chat->spent_arg = arg;
}

void th_chat_spent(th_chat_t *chat, const char *principal, int64_t tokens) {
    th_budget_add(&chat->budget, principal, tokens, th_chat_now(chat),
                  (uint64_t)th_chat_settings(chat)->chat_budget_time);
}
