/* harden.h - what a process that will hold other people's credentials does first. */
#ifndef TH_CLI_HARDEN_H
#define TH_CLI_HARDEN_H

#include <stdbool.h>

#include "base/error.h"

/* Before any secret is read and any thread started: no core dumps and no reading of our memory by
 * others, no new privileges, files for us alone, no inherited descriptors, no SIGPIPE. False with
 * <error> when the system refuses one of them: then nothing secret may be touched. */
bool th_harden(th_error_t *error);

/* Sets the soft limit of open files to <wanted>, or as near as the hard limit allows: up, to serve
 * that many, and down, because libwebsockets makes tables as large as the limit. */
void th_set_descriptor_limit(unsigned long wanted);

#endif
