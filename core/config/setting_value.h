/* setting_value.h - inside core/config: the refusal that every source of settings words the same
 * way. */
#ifndef TH_CONFIG_SETTING_VALUE_H
#define TH_CONFIG_SETTING_VALUE_H

#include "config/config.h"

/* "<source>: <name> is <shown>; it must be ...", or that there is no such setting. Always false. */
bool th_setting_refuse(const char *name, const char *shown, const char *source, th_error_t *error);
/* True for "", an https:// URL and, where <plain_http> allows it, an http:// one on loopback. */
bool th_setting_check_secure(const char *name, const char *url, const char *plain_http_name,
                             bool plain_http, th_error_t *error);

#endif
