/* bind_date.c - call.date: dates as people write them, in the zone and by the habits of the person
 * who asked. call.date.parse(text [, options])    the whole text is one date: a table, or nil and
 * the error call.date.find(text [, options])     the same, or else the deadline (or first date) in
 * a sentence call.date.extract(text [, options])  a list of all dates in a sentence, each with
 * `text` and `rest` Options: reference (seconds since 1970), zone, prefer ("future", "nearest",
 * "past"), day_first. The table: iso, end_iso, words, grain, instant, zone, has_time, deadline,
 * confidence, note, and `due`: the moment by which it is over, as the API wants it (UTC,
 * "YYYY-MM-DD HH:MM:SS"): the time that was said, or the end of the last day of the day, week,
 * month ... that was. */
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "date/date.h"
#include "script/date_habits.h"
#include "script/script_internal.h"

#define FOUND_MAX 16

/* Reads the option <name> of the table at index 2 as text; false when there is none. */
static bool text_option(lua_State *L, const char *name, th_slice_t *out) {
    if (!lua_istable(L, 2)) return false;
    lua_getfield(L, 2, name);
    bool there = lua_type(L, -1) == LUA_TSTRING;
    luaL_argcheck(L, there || lua_isnil(L, -1), 2, "zone and prefer must be strings");
    out->data = lua_tolstring(L, -1, &out->length); /* the table keeps it */
    lua_pop(L, 1);
    return there;
}

static void take_prefer(lua_State *L, th_date_context_t *context) {
    th_slice_t prefer;
    if (!text_option(L, "prefer", &prefer)) return;
    if (th_slice_is(prefer, "future"))
        context->prefer = TH_PREFER_FUTURE;
    else if (th_slice_is(prefer, "nearest"))
        context->prefer = TH_PREFER_NEAREST;
    else if (th_slice_is(prefer, "past"))
        context->prefer = TH_PREFER_PAST;
    else
        luaL_argerror(L, 2, "prefer must be \"future\", \"nearest\" or \"past\"");
}

/* The person's zone, else the organisation's, else UTC; an option comes before all. */
static const th_zone_t *zone_of(lua_State *L, const th_call_t *call, th_zones_t *zones) {
    const th_call_person_t *person = &call->person;
    th_slice_t name;
    if (text_option(L, "zone", &name)) {
        th_error_t error;
        const th_zone_t *zone = th_zones_find(zones, name, &error);
        if (!zone) luaL_argerror(L, 2, error.message);
        return zone;
    }
    const th_zone_t *zone = NULL;
    if (person->timezone[0]) zone = th_zones_find(zones, th_slice_of(person->timezone), NULL);
    if (!zone && person->org_timezone[0])
        zone = th_zones_find(zones, th_slice_of(person->org_timezone), NULL);
    return zone ? zone : th_zones_utc(zones);
}

static void make_context(lua_State *L, const th_call_t *call, th_zones_t *zones,
                         th_civil_t *holidays, th_date_context_t *context) {
    if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    th_date_habits(call->script->worker->settings, call->person.org_id, holidays, context);
    context->reference = th_clock_wall_ms() / 1000;
    context->zone = zone_of(L, call, zones);
    context->day_first = call->person.day_first;
    if (call->person.working_days) context->working_days = call->person.working_days;
    take_prefer(L, context);
    if (!lua_istable(L, 2)) return;
    lua_getfield(L, 2, "reference");
    context->reference = luaL_optinteger(L, -1, (lua_Integer)context->reference);
    lua_getfield(L, 2, "day_first");
    if (!lua_isnil(L, -1)) context->day_first = lua_toboolean(L, -1);
    lua_pop(L, 2);
}

/* The first day after the one, week, month, quarter or year that begins with <civil>. */
static void next_period(th_civil_t *civil, th_date_grain_t grain) {
    switch (grain) {
    case TH_GRAIN_WEEK: civil->day += 7; break;
    case TH_GRAIN_MONTH: civil->month += 1; break;
    case TH_GRAIN_QUARTER: civil->month += 3; break;
    case TH_GRAIN_YEAR: civil->year += 1; break;
    case TH_GRAIN_SECOND:
    case TH_GRAIN_MINUTE:
    case TH_GRAIN_HOUR:
    case TH_GRAIN_DAY: civil->day += 1; break;
    }
}

/* Days since 1970-01-01 of a civil date whose month may be up to 15 and whose day may be past its
 * month's end. */
static int64_t days_of(const th_civil_t *civil) {
    int64_t year = civil->year + (civil->month - 1) / 12;
    int64_t month = (civil->month - 1) % 12 + 1;
    if (month <= 2) {
        year--;
        month += 12;
    }
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month - 3) + 2) / 5;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year + civil->day - 1 -
           719468;
}

/* When it is over: see the head of this file. */
static int64_t due_instant(const th_date_t *date, const th_date_context_t *context) {
    int64_t instant = date->has_end ? date->end_instant : date->instant;
    if (date->grain <= TH_GRAIN_HOUR) return instant;
    th_civil_t civil = date->has_end ? date->end_civil : date->civil;
    next_period(&civil, date->grain);
    int64_t local = (days_of(&civil) - 1) * 86400 + (int64_t)context->minute_end_of_day * 60;
    const th_zone_t *zone = date->zone;
    if (!zone) return local - date->offset;
    int64_t later;
    (void)th_zone_instant_of(zone, local, &instant, &later);
    return instant;
}

static void set_text(lua_State *L, const char *name, const char *text) {
    if (!text[0]) return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static void push_date(lua_State *L, const th_date_t *date, const th_date_context_t *context) {
    char iso[40], words[TH_DATE_WORDS_SIZE], due[21];
    lua_createtable(L, 0, 14);
    th_date_format_iso(date, iso);
    set_text(L, "iso", iso);
    th_date_format_end(date, iso);
    set_text(L, "end_iso", iso);
    th_date_format_words(date, words);
    set_text(L, "words", words);
    set_text(L, "grain", th_date_grain_name(date->grain));
    set_text(L, "note", date->note);
    set_text(L, "zone", date->zone ? th_zone_name(date->zone) : "");
    th_clock_format_utc(due_instant(date, context) * 1000, due); /* 2026-12-04T16:00:00Z */
    due[10] = ' ';
    due[19] = '\0';
    set_text(L, "due", due);
    lua_pushinteger(L, date->instant);
    lua_setfield(L, -2, "instant");
    lua_pushinteger(L, date->confidence);
    lua_setfield(L, -2, "confidence");
    lua_pushboolean(L, date->has_time);
    lua_setfield(L, -2, "has_time");
    lua_pushboolean(L, date->deadline);
    lua_setfield(L, -2, "deadline");
}

static int push_failure(lua_State *L, const th_error_t *error) {
    lua_pushnil(L);
    lua_createtable(L, 0, 3);
    set_text(L, "code", error->code);
    set_text(L, "message", error->message);
    set_text(L, "hint",
             "Say it as \"next Friday at 3pm\", \"in 5 business days\", \"end of month\" or "
             "2026-12-04T17:00.");
    return 2;
}

static th_zones_t *zones_of(lua_State *L, const th_call_t *call) {
    th_zones_t *zones = call->script->worker->zones;
    if (!zones) luaL_error(L, "there are no time zones");
    return zones;
}

/* A text to be read, and as whom and when it is read. Stays where it is: context points into it. */
typedef struct reading {
    th_slice_t text;
    th_zones_t *zones;
    th_date_context_t context;
    th_civil_t holidays[TH_DATE_HOLIDAYS_MAX];
} reading_t;

static void begin_reading(lua_State *L, reading_t *reading) {
    const th_call_t *call = th_call_need(L, "call.date");
    reading->text.data = luaL_checklstring(L, 1, &reading->text.length);
    reading->zones = zones_of(L, call);
    make_context(L, call, reading->zones, reading->holidays, &reading->context);
}

static int date_parse(lua_State *L) {
    reading_t reading;
    begin_reading(L, &reading);
    th_date_t date;
    th_error_t error;
    if (!th_date_parse(reading.text, &reading.context, reading.zones, &date, &error))
        return push_failure(L, &error);
    push_date(L, &date, &reading.context);
    return 1;
}

static int date_find(lua_State *L) {
    reading_t reading;
    begin_reading(L, &reading);
    th_date_t date;
    th_error_t error;
    bool whole;
    if (!th_date_find(reading.text, &reading.context, reading.zones, &date, &whole, &error))
        return push_failure(L, &error);
    push_date(L, &date, &reading.context);
    return 1;
}

/* The text without that date, into a Lua string. */
static void set_rest(lua_State *L, th_slice_t text, const th_date_t *date) {
    luaL_Buffer buffer;
    char *out = luaL_buffinitsize(L, &buffer, text.length + 1);
    size_t length = th_date_rest(text, date, out, text.length + 1);
    luaL_pushresultsize(&buffer, length);
    lua_setfield(L, -2, "rest");
}

static int date_extract(lua_State *L) {
    reading_t reading;
    begin_reading(L, &reading);
    th_date_t dates[FOUND_MAX];
    size_t count = th_date_extract(reading.text, &reading.context, reading.zones, dates, FOUND_MAX);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_date(L, &dates[i], &reading.context);
        lua_pushlstring(L, reading.text.data + dates[i].start, dates[i].length);
        lua_setfield(L, -2, "text");
        set_rest(L, reading.text, &dates[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static const luaL_Reg date_functions[] = {
    {"parse", date_parse}, {"find", date_find}, {"extract", date_extract}, {NULL, NULL}};

void th_bind_date_push(lua_State *L) {
    lua_createtable(L, 0, 3);
    luaL_setfuncs(L, date_functions, 0);
}
