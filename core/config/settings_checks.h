/* settings_checks.h - what the texts among the settings must look like: addresses, URLs, words,
 * lists of tools, dates. The shape only; what a text means is for whoever uses it.
 * Each gives NULL when <text> is right, else what would be ("it must be ..."); static. */
#ifndef TH_CONFIG_SETTINGS_CHECKS_H
#define TH_CONFIG_SETTINGS_CHECKS_H

const char *th_setting_check_addresses(const char *text);
const char *th_setting_check_addresses_or_off(const char *text);
const char *th_setting_check_address(const char *text);
const char *th_setting_check_base_url(const char *text);
const char *th_setting_check_base_url_or_empty(const char *text);
const char *th_setting_check_url_or_empty(const char *text);
const char *th_setting_check_origins(const char *text);
const char *th_setting_check_hosts(const char *text);
const char *th_setting_check_header_word(const char *text);
const char *th_setting_check_issuer(const char *text);
const char *th_setting_check_words(const char *text);
const char *th_setting_check_tool_list(const char *text);
const char *th_setting_check_holidays(const char *text);
const char *th_setting_check_path(const char *text);

#endif
