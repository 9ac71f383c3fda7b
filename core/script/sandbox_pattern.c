/* sandbox_pattern.c - string.find, match, gmatch and gsub over the bounded matcher.
 * Subjects and patterns stay on the Lua stack (or in upvalues) while a matcher points into them.
 * gsub keeps its place in a userdata, so that a replacement function may wait or be paused. */
#include <ctype.h>
#include <string.h>

#include <lauxlib.h>

#include "script/pattern.h"
#include "script/sandbox.h"
#include "script/state.h"

static th_slice_t check_slice(lua_State *L, int index) {
    th_slice_t slice;
    slice.data = luaL_checklstring(L, index, &slice.length);
    return slice;
}

/* Begins a matcher and takes an anchor off the pattern. */
static bool begin(lua_State *L, th_pattern_t *m, th_slice_t subject, th_slice_t pattern) {
    bool anchored = pattern.length > 0 && pattern.data[0] == '^';
    if (anchored) pattern = th_slice(pattern.data + 1, pattern.length - 1);
    th_pattern_init(m, subject, pattern, th_state_limits(L)->pattern_steps);
    return anchored;
}

/* Accounts for the work since <steps_before>, and raises what the matcher found wrong. */
static void settle(lua_State *L, const th_pattern_t *m, uint64_t steps_before,
                   const char *function) {
    th_state_charge(L, (steps_before - m->steps_left) * 4);
    if (m->exhausted) {
        luaL_error(L,
                   "%s: the pattern needs more than %I steps on a subject of %I bytes; "
                   "use a simpler pattern or a shorter subject",
                   function, (LUAI_UACINT)th_state_limits(L)->pattern_steps,
                   (LUAI_UACINT)(m->subject_end - m->subject));
    } else if (m->failure) {
        luaL_error(L, "%s: %s", function, m->failure);
    }
}

/* Pushes capture <i>, or the whole match [start, end) when there is none and i is 0. */
static void push_capture(lua_State *L, const th_pattern_t *m, int i, const char *start,
                         const char *end) {
    if (i >= m->captured) {
        lua_pushlstring(L, start, (size_t)(end - start));
    } else if (m->captures[i].length == TH_PATTERN_POSITION) {
        lua_pushinteger(L, m->captures[i].start - m->subject + 1);
    } else {
        lua_pushlstring(L, m->captures[i].start, (size_t)m->captures[i].length);
    }
}

/* All captures; the whole match when there are none and <start> is given. */
static int push_captures(lua_State *L, const th_pattern_t *m, const char *start, const char *end) {
    int count = m->captured == 0 && start ? 1 : m->captured;
    luaL_checkstack(L, count, "too many captures");
    for (int i = 0; i < count; i++)
        push_capture(L, m, i, start, end);
    return count;
}

/* 1-based, negative from the end, to an offset in 0..length+1. */
static size_t start_offset(lua_Integer position, size_t length) {
    if (position > 0) return (size_t)position - 1;
    if (position == 0 || position < -(lua_Integer)length) return 0;
    return length - (size_t)-position;
}

/* ---- find and match ---- */

static int find_plain(lua_State *L, th_slice_t subject, th_slice_t needle, size_t offset) {
    th_state_charge(L, (subject.length - offset) / 8 + 1);
    const char *at = needle.length == 0 ? subject.data + offset
                                        : memmem(subject.data + offset, subject.length - offset,
                                                 needle.data, needle.length);
    if (!at) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, at - subject.data + 1);
    lua_pushinteger(L, at - subject.data + (lua_Integer)needle.length);
    return 2;
}

static int find_or_match(lua_State *L, bool find) {
    th_slice_t subject = check_slice(L, 1), pattern = check_slice(L, 2);
    size_t offset = start_offset(luaL_optinteger(L, 3, 1), subject.length);
    if (offset > subject.length) {
        lua_pushnil(L);
        return 1;
    }
    if (find && (lua_toboolean(L, 4) || !th_pattern_has_specials(pattern))) {
        return find_plain(L, subject, pattern, offset);
    }
    th_pattern_t m;
    bool anchored = begin(L, &m, subject, pattern);
    uint64_t steps = m.steps_left;
    const char *end = NULL, *at = subject.data + offset;
    while (!(end = th_pattern_match_at(&m, at)) && !m.failure && !anchored && at < m.subject_end)
        at++;
    settle(L, &m, steps, find ? "string.find" : "string.match");
    if (!end) {
        lua_pushnil(L);
        return 1;
    }
    if (!find) return push_captures(L, &m, at, end);
    lua_pushinteger(L, at - subject.data + 1);
    lua_pushinteger(L, end - subject.data);
    return push_captures(L, &m, NULL, NULL) + 2;
}

static int string_find(lua_State *L) {
    return find_or_match(L, true);
}

static int string_match(lua_State *L) {
    return find_or_match(L, false);
}

/* ---- gmatch ---- */

typedef struct gmatch_place {
    size_t offset;
    size_t last_end; /* of the match before; SIZE_MAX = none */
} gmatch_place_t;

/* Upvalues: subject, pattern, place. */
static int gmatch_step(lua_State *L) {
    th_slice_t subject = check_slice(L, lua_upvalueindex(1));
    th_slice_t pattern = check_slice(L, lua_upvalueindex(2));
    gmatch_place_t *place = lua_touserdata(L, lua_upvalueindex(3));
    th_pattern_t m; /* an anchor has no meaning here: '^' is an ordinary character, as in Lua */
    th_pattern_init(&m, subject, pattern, th_state_limits(L)->pattern_steps);
    uint64_t steps = m.steps_left;
    for (; place->offset <= subject.length && !m.failure; place->offset++) {
        const char *at = subject.data + place->offset;
        const char *end = th_pattern_match_at(&m, at);
        if (end && (size_t)(end - subject.data) != place->last_end) {
            place->offset = place->last_end = (size_t)(end - subject.data);
            settle(L, &m, steps, "string.gmatch");
            return push_captures(L, &m, at, end);
        }
    }
    settle(L, &m, steps, "string.gmatch");
    return 0;
}

static int string_gmatch(lua_State *L) {
    th_slice_t subject = check_slice(L, 1);
    check_slice(L, 2);
    size_t offset = start_offset(luaL_optinteger(L, 3, 1), subject.length);
    lua_settop(L, 2);
    gmatch_place_t *place = lua_newuserdatauv(L, sizeof *place, 0);
    *place = (gmatch_place_t){offset, SIZE_MAX};
    lua_pushcclosure(L, gmatch_step, 3);
    return 1;
}

/* ---- gsub ---- */

/* Stack: subject, pattern, replacement, run, bytes. */
enum { GSUB_REPLACEMENT = 3, GSUB_RUN = 4, GSUB_BYTES = 5 };

typedef struct gsub_run {
    th_pattern_t matcher;
    const char *at;          /* where the next match is tried */
    const char *copied;      /* the subject is in the result up to here */
    const char *start, *end; /* the match being replaced */
    const char *last_end;    /* of the match before */
    lua_Integer count, most;
    bool anchored, changed;
    size_t used, room; /* of the result bytes */
} gsub_run_t;

static void add_bytes(lua_State *L, gsub_run_t *run, const char *data, size_t length) {
    if (length == 0) return;
    th_sandbox_check_size(L, "string.gsub", run->used + length);
    if (length > run->room - run->used) {
        size_t room = run->room * 2 > run->used + length ? run->room * 2 : run->used + length + 64;
        char *bytes = lua_newuserdatauv(L, room, 0);
        if (run->used) memcpy(bytes, lua_touserdata(L, GSUB_BYTES), run->used);
        lua_replace(L, GSUB_BYTES);
        run->room = room;
    }
    memcpy((char *)lua_touserdata(L, GSUB_BYTES) + run->used, data, length);
    run->used += length;
}

/* A replacement string: %0 to %9 are captures, %% is a percent sign. */
static void add_template(lua_State *L, gsub_run_t *run) {
    th_slice_t text = check_slice(L, GSUB_REPLACEMENT);
    const char *p = text.data, *end = text.data + text.length;
    while (p < end) {
        const char *percent = memchr(p, '%', (size_t)(end - p));
        if (!percent) percent = end;
        add_bytes(L, run, p, (size_t)(percent - p));
        if (percent == end) return;
        char c = percent + 1 < end ? percent[1] : '\0';
        p = percent + 2;
        if (c == '%') {
            add_bytes(L, run, "%", 1);
        } else if (c == '0') {
            add_bytes(L, run, run->start, (size_t)(run->end - run->start));
        } else if (isdigit((unsigned char)c) && (c == '1' || c - '1' < run->matcher.captured)) {
            push_capture(L, &run->matcher, c - '1', run->start, run->end);
            size_t length = 0;
            const char *capture = lua_tolstring(L, -1, &length);
            add_bytes(L, run, capture, length);
            lua_pop(L, 1);
        } else {
            luaL_error(L, isdigit((unsigned char)c)
                              ? "string.gsub: invalid capture index in replacement string"
                              : "string.gsub: invalid use of '%%' in replacement string");
        }
    }
}

/* The value at the top replaces the match; false and nil keep it. Pops it. */
static void add_value(lua_State *L, gsub_run_t *run) {
    if (!lua_toboolean(L, -1)) {
        add_bytes(L, run, run->start, (size_t)(run->end - run->start));
    } else if (lua_isstring(L, -1)) {
        size_t length = 0;
        const char *text = lua_tolstring(L, -1, &length);
        add_bytes(L, run, text, length);
        run->changed = true;
    } else {
        luaL_error(L, "string.gsub: invalid replacement value (a %s)", luaL_typename(L, -1));
    }
    lua_pop(L, 1);
}

static int gsub_finish(lua_State *L, gsub_run_t *run) {
    if (!run->changed) {
        lua_pushvalue(L, 1);
    } else {
        add_bytes(L, run, run->copied, (size_t)(run->matcher.subject_end - run->copied));
        lua_pushlstring(L, run->used ? lua_touserdata(L, GSUB_BYTES) : "", run->used);
    }
    lua_pushinteger(L, run->count);
    return 2;
}

/* Moves to the next match; false when there is none. Raises what is wrong with the pattern. */
static bool gsub_next(lua_State *L, gsub_run_t *run) {
    th_pattern_t *m = &run->matcher;
    uint64_t steps = m->steps_left;
    bool found = false;
    while (run->count < run->most && run->at <= m->subject_end && !m->failure) {
        if (run->anchored && run->at > m->subject) break;
        const char *end = th_pattern_match_at(m, run->at);
        if (end && end != run->last_end) {
            run->start = run->at;
            run->end = run->last_end = end;
            run->at = end;
            run->count++;
            found = true;
            break;
        }
        run->at++;
    }
    settle(L, m, steps, "string.gsub");
    return found;
}

static int gsub_go_on(lua_State *L, int status, lua_KContext answered) {
    (void)status;
    gsub_run_t *run = lua_touserdata(L, GSUB_RUN);
    if (answered) add_value(L, run);
    while (gsub_next(L, run)) {
        add_bytes(L, run, run->copied, (size_t)(run->start - run->copied));
        run->copied = run->end;
        switch (lua_type(L, GSUB_REPLACEMENT)) {
        case LUA_TFUNCTION: {
            lua_pushvalue(L, GSUB_REPLACEMENT);
            int count = push_captures(L, &run->matcher, run->start, run->end);
            lua_callk(L, count, 1, 1, gsub_go_on);
            add_value(L, run);
            break;
        }
        case LUA_TTABLE:
            push_capture(L, &run->matcher, 0, run->start, run->end);
            lua_gettable(L, GSUB_REPLACEMENT);
            add_value(L, run);
            break;
        default: add_template(L, run); run->changed = true;
        }
    }
    return gsub_finish(L, run);
}

static int string_gsub(lua_State *L) {
    th_slice_t subject = check_slice(L, 1), pattern = check_slice(L, 2);
    int type = lua_type(L, 3);
    luaL_argexpected(L,
                     type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TTABLE ||
                         type == LUA_TFUNCTION,
                     3, "string, function or table");
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)subject.length + 1);
    lua_settop(L, 3);
    gsub_run_t *run = lua_newuserdatauv(L, sizeof *run, 0);
    memset(run, 0, sizeof *run);
    run->anchored = begin(L, &run->matcher, subject, pattern);
    run->at = run->copied = subject.data;
    run->most = most;
    lua_pushnil(L); /* GSUB_BYTES */
    return gsub_go_on(L, LUA_OK, 0);
}

static const luaL_Reg pattern_functions[] = {
    {"find", string_find},
    {"match", string_match},
    {"gmatch", string_gmatch},
    {"gsub", string_gsub},
    {NULL, NULL},
};

void th_sandbox_add_pattern(lua_State *L) {
    luaL_setfuncs(L, pattern_functions, 0);
}
