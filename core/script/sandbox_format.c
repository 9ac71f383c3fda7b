/* sandbox_format.c - string.format: %d %i %u %c %x %X %o %e %E %f %F %g %G %s %%.
 * Widths and precisions have two digits at most. %p would show addresses, %a and %q have no use
 * here. */
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "script/sandbox.h"
#include "script/state.h"

/* "%-+ #0" flags, two digits, '.', two digits, "ll", letter, NUL. */
#define SPEC_SIZE 32
/* %99.99f of the largest double: 309 digits, a point, 99 digits, a sign. */
#define ITEM_SIZE 512

/* Copies flags, width and precision into <spec> (without the letter); returns where the letter is.
 */
static const char *read_spec(lua_State *L, const char *p, const char *end, char *spec) {
    char *out = spec;
    *out++ = '%';
    int flags = 0, digits = 0;
    while (p < end && *p != '\0' && strchr("-+ #0", *p) && flags < 5) {
        *out++ = *p++;
        flags++;
    }
    for (int part = 0; part < 2; part++) {
        for (digits = 0; p < end && *p >= '0' && *p <= '9'; digits++) {
            if (digits == 2) luaL_error(L, "string.format: width or precision over 99");
            *out++ = *p++;
        }
        if (part == 1 || p >= end || *p != '.') break;
        *out++ = *p++;
    }
    *out = '\0';
    if (p >= end) luaL_error(L, "string.format: '%s' is cut off", spec);
    return p;
}

static void add_integer(lua_State *L, luaL_Buffer *buffer, char *spec, char letter, int argument) {
    long long number = luaL_checkinteger(L, argument);
    size_t used = strlen(spec);
    (void)snprintf(spec + used, SPEC_SIZE - used, "ll%c", letter == 'i' ? 'd' : letter);
    char *out = luaL_prepbuffsize(buffer, ITEM_SIZE);
    luaL_addsize(buffer, (size_t)snprintf(out, ITEM_SIZE, spec, number));
}

static void add_real(lua_State *L, luaL_Buffer *buffer, char *spec, char letter, int argument) {
    double number = luaL_checknumber(L, argument);
    size_t used = strlen(spec);
    (void)snprintf(spec + used, SPEC_SIZE - used, "%c", letter);
    char *out = luaL_prepbuffsize(buffer, ITEM_SIZE);
    luaL_addsize(buffer, (size_t)snprintf(out, ITEM_SIZE, spec, number));
}

static void add_character(lua_State *L, luaL_Buffer *buffer, int argument) {
    lua_Integer byte = luaL_checkinteger(L, argument);
    luaL_argcheck(L, 0 <= byte && byte <= 255, argument, "value out of range");
    luaL_addchar(buffer, (char)byte);
}

/* The text of any value. It is made before the buffer is touched, and replaces the argument,
 * because a buffer and a value on the stack above it do not go together. */
static void add_text(lua_State *L, luaL_Buffer *buffer, char *spec, int argument) {
    size_t length = 0;
    const char *text = lua_tolstring(L, argument, &length);
    if (spec[1] == '\0') {
        th_sandbox_check_size(L, "string.format", luaL_bufflen(buffer) + length);
        luaL_addlstring(buffer, text, length);
        return;
    }
    luaL_argcheck(L, strlen(text) == length, argument, "string contains zeros");
    const char *point = strchr(spec, '.');
    if (!point && length >= 100) {
        luaL_addlstring(buffer, text, length); /* no width reaches beyond it */
        return;
    }
    size_t used = strlen(spec);
    (void)snprintf(spec + used, SPEC_SIZE - used, "s");
    char *out = luaL_prepbuffsize(buffer, ITEM_SIZE);
    luaL_addsize(buffer, (size_t)snprintf(out, ITEM_SIZE, spec, text));
}

static void add_quoted(lua_State *L, luaL_Buffer *buffer, int argument) {
    size_t length = 0;
    const char *text = lua_tolstring(L, argument, &length);
    th_sandbox_check_size(L, "string.format", luaL_bufflen(buffer) + 6 * length);
    luaL_addchar(buffer, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            luaL_addchar(buffer, '\\');
            luaL_addchar(buffer, (char)c);
        } else if (c == '\n') {
            luaL_addlstring(buffer, "\\n", 2);
        } else if (c < 0x20 || c == 0x7f) {
            char *out = luaL_prepbuffsize(buffer, 8);
            luaL_addsize(buffer, (size_t)snprintf(out, 8, "\\u%04x", c));
        } else {
            luaL_addchar(buffer, (char)c);
        }
    }
    luaL_addchar(buffer, '"');
}

static void add_item(lua_State *L, luaL_Buffer *buffer, char *spec, char letter, int argument) {
    switch (letter) {
    case 'c': add_character(L, buffer, argument); return;
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o': add_integer(L, buffer, spec, letter, argument); return;
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': add_real(L, buffer, spec, letter, argument); return;
    case 's': add_text(L, buffer, spec, argument); return;
    case 'q': add_quoted(L, buffer, argument); return;
    default: {
        char shown[2] = {letter >= ' ' && letter < 127 ? letter : '?', '\0'};
        luaL_error(
            L, "string.format: '%%%s' is not available; use d, i, u, c, x, X, o, e, f, g, s or q",
            shown);
    }
    }
}

/* Turns every argument that is neither string nor number into its text, before the buffer is begun.
 */
static void textualise(lua_State *L, int count) {
    for (int i = 2; i <= count; i++) {
        if (lua_type(L, i) == LUA_TSTRING || lua_type(L, i) == LUA_TNUMBER) continue;
        th_sandbox_push_text(L, i, NULL);
        lua_replace(L, i);
    }
}

static int string_format(lua_State *L) {
    size_t length = 0;
    const char *p = luaL_checklstring(L, 1, &length);
    const char *end = p + length;
    int count = lua_gettop(L), argument = 1;
    textualise(L, count);
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    while (p < end) {
        const char *percent = memchr(p, '%', (size_t)(end - p));
        if (!percent) percent = end;
        luaL_addlstring(&buffer, p, (size_t)(percent - p));
        p = percent;
        if (p == end) break;
        if (p + 1 < end && p[1] == '%') {
            luaL_addchar(&buffer, '%');
            p += 2;
            continue;
        }
        char spec[SPEC_SIZE];
        p = read_spec(L, p + 1, end, spec);
        if (++argument > count) return luaL_argerror(L, argument, "no value");
        add_item(L, &buffer, spec, *p++, argument);
        th_sandbox_check_size(L, "string.format", luaL_bufflen(&buffer));
    }
    th_state_charge(L, luaL_bufflen(&buffer));
    luaL_pushresult(&buffer);
    return 1;
}

void th_sandbox_add_format(lua_State *L) {
    lua_pushcfunction(L, string_format);
    lua_setfield(L, -2, "format");
}
