/* date_habits.h - what the settings say about reading dates: holidays, hours, the week.
 * Zone, working days and day-first writing come from Tallyfy and are not here. */
#ifndef TH_SCRIPT_DATE_HABITS_H
#define TH_SCRIPT_DATE_HABITS_H

#include "config/settings.h"
#include "date/date.h"

#define TH_DATE_HOLIDAYS_MAX 48 /* as many as the setting's text holds */

/* Fills <context>: the defaults, then the settings. The holidays are those of everybody and of
 * organisation <org_id>, sorted, in <holidays>, which must live as long as <context>. */
void th_date_habits(const th_settings_t *settings, const char *org_id,
                    th_civil_t holidays[static TH_DATE_HOLIDAYS_MAX], th_date_context_t *context);

#endif
