/* test_vault.c - secrets come out as a header line only, are bounded, and leave nothing behind. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "memory_search.h"
#include "session/vault.h"

static th_slice_t key_of(char *text, size_t size, unsigned number) {
    int length = snprintf(text, size, "key-%u-0123456789", number);
    return th_slice(text, (size_t)length);
}

static void what_was_kept_comes_out(void **state) {
    (void)state;
    th_error_t error;
    th_vault_t *vault = th_vault_open(500, &error);
    th_secret_t *secrets[500];
    char text[64], line[128], wanted[128];
    for (unsigned i = 0; i < 500; i++) {
        secrets[i] = th_vault_keep(vault, key_of(text, sizeof text, i), &error);
        assert_non_null(secrets[i]);
    }
    assert_null(th_vault_keep(vault, TH_SLICE("one-more"), &error));
    assert_string_equal(error.code, "vault_full");
    for (unsigned i = 0; i < 500; i += 2) {
        th_vault_release(vault, secrets[i]);
        secrets[i] = th_vault_keep(vault, key_of(text, sizeof text, 1000 + i), &error);
        assert_non_null(secrets[i]);
    }
    for (unsigned i = 0; i < 500; i++) {
        (void)key_of(text, sizeof text, i % 2 ? i : 1000 + i);
        (void)snprintf(wanted, sizeof wanted, "Authorization: Bearer %s", text);
        assert_int_equal(th_secret_authorization(secrets[i], line, sizeof line), strlen(wanted));
        assert_string_equal(line, wanted);
        assert_int_equal(th_secret_authorization(secrets[i], line, strlen(wanted)), 0);
        th_vault_release(vault, secrets[i]);
    }
    assert_int_equal(th_vault_count(vault), 0);
    assert_int_equal(th_secret_authorization(NULL, line, sizeof line), 0);
    th_vault_close(vault);
}

static void unusable_credentials_are_refused(void **state) {
    (void)state;
    th_error_t error;
    th_vault_t *vault = th_vault_open(10, &error);
    char *huge = calloc(1, TH_SECRET_MAX + 1);
    memset(huge, 'k', TH_SECRET_MAX + 1);
    assert_null(th_vault_keep(vault, th_slice(huge, TH_SECRET_MAX + 1), &error));
    assert_string_equal(error.code, "too_large");
    th_secret_t *longest = th_vault_keep(vault, th_slice(huge, TH_SECRET_MAX), &error);
    assert_non_null(longest);
    th_vault_release(vault, longest);
    static const char *const bad[] = {"", "two words", "line\nbreak", "nul\x01", "caf\xc3\xa9"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_null(th_vault_keep(vault, th_slice_of(bad[i]), &error));
        assert_string_equal(error.code, "bad_credential");
    }
    assert_null(th_vault_keep(vault, th_slice("a\0b", 3), &error));
    free(huge);
    th_vault_close(vault);
}

static void nothing_is_left_after_release(void **state) {
    (void)state;
    th_error_t error;
    th_vault_t *vault = th_vault_open(10, &error);
    char *marker = make_marker("vault-marker-");
    th_secret_t *secret = th_vault_keep(vault, th_slice_of(marker), &error);
    assert_int_equal(copies_in_memory(marker), 2); /* the vault's and this test's own */
    th_vault_release(vault, secret);
    assert_int_equal(copies_in_memory(marker), 1);
    secret = th_vault_keep(vault, th_slice_of(marker), &error);
    assert_non_null(secret);
    th_vault_close(vault); /* wipes what is still there */
    free(secret);
    assert_int_equal(copies_in_memory(marker), 1);
    free(marker);
}

/* In a child, since the limit cannot be raised again. Root is not held to it: then there is nothing
 * to see. */
static void unlockable_memory_is_refused(void **state) {
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); /* the sanitizers make mlock succeed always */
#endif
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit none = {0, 0};
        if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || setuid(65534) != 0) _exit(2);
        th_error_t error = {0};
        th_vault_t *vault = th_vault_open(10, &error);
        th_secret_t *secret = th_vault_keep(vault, TH_SLICE("key"), &error);
        _exit(!secret && strcmp(error.code, "cannot_lock") == 0 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 2) skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void) {
    if (!th_random_start()) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_kept_comes_out),
        cmocka_unit_test(unusable_credentials_are_refused),
        cmocka_unit_test(nothing_is_left_after_release),
        cmocka_unit_test(unlockable_memory_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
