/* chat_ledger.h - what people used of the model, told to the other workers. A person may have
 * several credentials, whose homes are different workers; chat.tokens_per_person is one for all of
 * them. Each worker counts everybody: its own people at once, the others when a letter comes, which
 * is a moment later. So what is under way on several workers at once may go over a budget by an
 * answer each, and nothing is shared. */
#ifndef TH_CLI_CHAT_LEDGER_H
#define TH_CLI_CHAT_LEDGER_H

#include "cli/chat_socket.h"

/* Has the chat of <sockets> tell what is used there (<peers> and <outbox> must be set). */
void th_chat_ledger_open(th_chat_sockets_t *sockets);

#endif
