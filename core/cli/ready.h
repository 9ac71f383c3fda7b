/* ready.h - the JSON object that says where the program listens, for scripts that start it. */
#ifndef TH_CLI_READY_H
#define TH_CLI_READY_H

#include "cli/program.h"

/* Tells the world: the ready file when --ready-file names one (written beside it and renamed, so
 * that a reader sees all or nothing; mode 0600, for practice credentials are in it), the log with
 * --log-format json, and a line for people otherwise. <address> is MCP's, <web> the
 * WebSocket port's, NULL where none is served. False with <error>. */
bool th_ready_announce(const th_program_t *program, const char *address, const char *web,
                       th_error_t *error);

#endif
