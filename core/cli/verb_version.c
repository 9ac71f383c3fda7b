/* verb_version.c - `tallyhost version`: ours, and the libraries as they are loaded, for bug
 * reports. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <curl/curl.h>
#include <libwebsockets.h>
#include <lua.h>
#include <pcre2.h>
#include <sodium.h>
#include <stdio.h>
#include <uv.h>

#include "cli/arguments.h"

int th_verb_version(int argc, char **argv) {
    th_arguments_t arguments;
    if (!th_arguments_parse(&arguments, argc, argv) || !th_arguments_expect(&arguments, 0, 0))
        return arguments.exit_code;
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
    char pcre2[64] = "";
    pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
    printf("tallyhost %s\n", TH_VERSION);
    printf("libuv %s\n", uv_version_string());
    printf("libwebsockets %s\n", lws_get_library_version());
    printf("libcurl %s (%s)\n", curl->version, curl->ssl_version ? curl->ssl_version : "no TLS");
    printf("libsodium %s\n", sodium_version_string());
    printf("PCRE2 %s\n", pcre2);
    printf("%s\n", LUA_RELEASE);
    return TH_EXIT_OK;
}
