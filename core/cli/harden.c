/* harden.c - process hardening (security.md), in the order in which it matters. */
#include "cli/harden.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* LeakSanitizer stops the threads of the process through ptrace, which a process that is not
 * dumpable forbids: builds for testing keep that one door open. */
#if defined(__SANITIZE_ADDRESS__)
#define TH_STAYS_TRACEABLE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TH_STAYS_TRACEABLE 1
#endif
#endif

static bool refused(const char *what, th_error_t *error) {
    return th_error_set(error, "not_hardened", "%s was refused: %s", what, strerror(errno));
}

bool th_harden(th_error_t *error) {
#ifndef TH_STAYS_TRACEABLE
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return refused("PR_SET_DUMPABLE", error);
#endif
    /* A core pattern that is a pipe ignores this limit, hence both. */
    if (setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}) != 0) return refused("RLIMIT_CORE", error);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("PR_SET_NO_NEW_PRIVS", error);
    umask(077);
    /* Descriptors of a careless parent are none of our business. Kernels before 5.9 do not know the
     * call. */
    if (close_range(3, ~0U, 0) != 0 && errno != ENOSYS) return refused("close_range", error);
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) return refused("ignoring SIGPIPE", error);
    return true;
}

void th_set_descriptor_limit(unsigned long wanted) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    setrlimit(RLIMIT_NOFILE, &limit); /* staying at the old limit only means serving fewer */
}
