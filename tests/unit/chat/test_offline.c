/* test_offline.c - sentences become commands, commands tool calls, results Markdown. */
#include "chat/model_fixture.h"

#include "chat/offline_commands.h"
#include "chat/offline_render.h"

#define NOW 1795600800 /* Wed 25 Nov 2026, 10:00 UTC */

/* ---- sentences ---- */

typedef struct reading {
    const char *text;
    th_command_kind_t kind;
    const char *numbers, *subject, *person, *when, *detail; /* NULL = "" */
} reading_t;

static const reading_t readings[] = {
    {"help", TH_COMMAND_HELP, 0, 0, 0, 0, 0},
    {"  What can you do?  ", TH_COMMAND_HELP, 0, 0, 0, 0, 0},
    {"Hello!", TH_COMMAND_GREETING, 0, 0, 0, 0, 0},
    {"my tasks", TH_COMMAND_MY_TASKS, 0, 0, 0, 0, "incomplete"},
    {"Please show me my tasks.", TH_COMMAND_MY_TASKS, 0, 0, 0, 0, "incomplete"},
    {"What's overdue?", TH_COMMAND_MY_TASKS, 0, 0, 0, 0, "overdue"},
    {"show me the overdue tasks", TH_COMMAND_MY_TASKS, 0, 0, 0, 0, "overdue"},
    {"what is due tomorrow", TH_COMMAND_MY_TASKS, 0, 0, 0, 0, "due_soon"},
    {"my completed tasks", TH_COMMAND_MY_TASKS, 0, 0, 0, 0, "completed"},
    {"list all templates", TH_COMMAND_TEMPLATES, 0, 0, 0, 0, 0},
    {"show the processes", TH_COMMAND_PROCESSES, 0, 0, 0, 0, 0},
    {"who am I?", TH_COMMAND_WHO_AM_I, 0, 0, 0, 0, 0},
    {"more", TH_COMMAND_MORE, 0, 0, 0, 0, 0},
    {"Ben's tasks", TH_COMMAND_TASKS_OF, 0, "Ben", 0, 0, "incomplete"},
    {"show me Ben Adler\xe2\x80\x99s tasks", TH_COMMAND_TASKS_OF, 0, "Ben Adler", 0, 0,
     "incomplete"},
    {"Ben's overdue tasks", TH_COMMAND_TASKS_OF, 0, "Ben", 0, 0, "overdue"},
    {"tasks of Ben", TH_COMMAND_TASKS_OF, 0, "Ben", 0, 0, 0},
    {"tasks of process 2", TH_COMMAND_PROCESS_TASKS, "2 ", 0, 0, 0, 0},
    {"show tasks in process Year end", TH_COMMAND_PROCESS_TASKS, 0, "Year end", 0, 0, 0},
    {"search for lease agreement", TH_COMMAND_SEARCH, 0, "lease agreement", 0, 0, 0},
    {"Find \"by Friday\"", TH_COMMAND_SEARCH, 0, "by Friday", 0, 0, 0},
    {"show 2", TH_COMMAND_SHOW, "2 ", 0, 0, 0, 0},
    {"show task #12", TH_COMMAND_SHOW, "12 ", 0, 0, 0, 0},
    {"open Sign the lease", TH_COMMAND_SHOW, 0, "Sign the lease", 0, 0, 0},
    {"complete 3", TH_COMMAND_COMPLETE, "3 ", 0, 0, 0, 0},
    {"Complete tasks 1, 2 and 4.", TH_COMMAND_COMPLETE, "1 2 4 ", 0, 0, 0, 0},
    {"complete 2, 2", TH_COMMAND_COMPLETE, "2 ", 0, 0, 0, 0},
    {"mark 3 as done", TH_COMMAND_COMPLETE, "3 ", 0, 0, 0, 0},
    {"complete 3 please", TH_COMMAND_COMPLETE, "3 ", 0, 0, 0, 0},
    {"complete 3: sent by mail", TH_COMMAND_COMPLETE, "3 ", 0, 0, 0, "sent by mail"},
    {"complete 1 and approve 2", TH_COMMAND_TOO_MUCH, "1 ", 0, 0, 0, "and approve 2"},
    {"complete 1, then show me my tasks", TH_COMMAND_TOO_MUCH, "1 ", 0, 0, 0,
     "then show me my tasks"},
    {"show 1 to Ben", TH_COMMAND_TOO_MUCH, "1 ", 0, 0, 0, "to Ben"},
    {"mark Sign the lease as done", TH_COMMAND_COMPLETE, 0, "Sign the lease", 0, 0, 0},
    {"complete 3rd quarter report", TH_COMMAND_COMPLETE, 0, "3rd quarter report", 0, 0, 0},
    {"approve 1", TH_COMMAND_APPROVE, "1 ", 0, 0, 0, 0},
    {"reject the budget", TH_COMMAND_REJECT, 0, "budget", 0, 0, 0},
    {"Reject 1 because price too high", TH_COMMAND_REJECT, "1 ", 0, 0, 0, "price too high"},
    {"reject Vendor: Northgate because it is too dear", TH_COMMAND_REJECT, 0, "Vendor: Northgate",
     0, 0, "it is too dear"},
    {"approve 2 - fine", TH_COMMAND_APPROVE, "2 ", 0, 0, 0, "fine"},
    {"reopen 3 because the amount was wrong", TH_COMMAND_REOPEN, "3 ", 0, 0, 0,
     "the amount was wrong"},
    {"reopen Sign the lease: no signature", TH_COMMAND_REOPEN, 0, "Sign the lease", 0, 0,
     "no signature"},
    {"comment on 2: please check: twice", TH_COMMAND_COMMENT, "2 ", 0, 0, 0, "please check: twice"},
    {"remind Ben to call the bank by Friday", TH_COMMAND_CREATE, 0, "call the bank", "Ben",
     "Friday", 0},
    {"remind me to talk to Ann tomorrow at 3pm", TH_COMMAND_CREATE, 0, "talk to Ann", "me",
     "tomorrow at 3pm", 0},
    {"new task: order paper by end of month", TH_COMMAND_CREATE, 0, "order paper", 0,
     "end of month", 0},
    {"create a task for Ben: order paper by tomorrow", TH_COMMAND_CREATE, 0, "order paper", "Ben",
     "tomorrow", 0},
    {"add a task for Ben Adler to order paper by tomorrow", TH_COMMAND_CREATE, 0, "order paper",
     "Ben Adler", "tomorrow", 0},
    {"remind Ben about the lease by Monday", TH_COMMAND_CREATE, 0, "the lease", "Ben", "Monday", 0},
    {"create task review the contract for Ben Adler by 4 December", TH_COMMAND_CREATE, 0,
     "review the contract", "Ben Adler", "4 December", 0},
    {"add a task buy cake for the party by tomorrow", TH_COMMAND_CREATE, 0,
     "buy cake for the party", 0, "tomorrow", 0},
    {"launch onboarding for Jane by Friday", TH_COMMAND_LAUNCH, 0, "onboarding", "Jane", "Friday",
     0},
    {"start the Employee onboarding process", TH_COMMAND_LAUNCH, 0, "Employee onboarding", 0, 0, 0},
    {"open the purchase request template", TH_COMMAND_SHOW, 0, "purchase request", 0, 0, 0},
    {"who is Ben Adler?", TH_COMMAND_WHO_IS, 0, "Ben Adler", 0, 0, 0},
    {"how is Northgate going?", TH_COMMAND_STATUS, 0, "Northgate", 0, 0, 0},
    {"show the status of process 2", TH_COMMAND_STATUS, "2 ", 0, 0, 0, 0},
    {"show comments on 2", TH_COMMAND_COMMENTS, "2 ", 0, 0, 0, 0},
    {"comment on 2", TH_COMMAND_COMMENT, "2 ", 0, 0, 0, 0},
    {"Add a comment to 2: again", TH_COMMAND_COMMENT, "2 ", 0, 0, 0, "again"},
    {"reassign 3 to Carla", TH_COMMAND_ASSIGN, "3 ", 0, "Carla", 0, 0},
    {"hand Sign the lease over to Ben", TH_COMMAND_ASSIGN, 0, "Sign the lease", "Ben", 0, 0},
    {"assign 1, 2 to the group Finance", TH_COMMAND_ASSIGN, "1 2 ", 0, "Finance", 0, "group"},
    {"assign 3", TH_COMMAND_ASSIGN, "3 ", 0, 0, 0, 0},
    {"move the deadline of 2 to next Tuesday", TH_COMMAND_DEADLINE, "2 ", 0, 0, "next Tuesday", 0},
    {"set the due date of Talk to Ann to 4 December", TH_COMMAND_DEADLINE, 0, "Talk to Ann", 0,
     "4 December", 0},
    {"postpone 2 until Friday at 3pm", TH_COMMAND_DEADLINE, "2 ", 0, 0, "Friday at 3pm", 0},
    {"postpone 2 by 3 days", TH_COMMAND_DEADLINE, "2 ", 0, 0, 0, 0}, /* that is no date */
    {"archive process Northgate", TH_COMMAND_ARCHIVE, 0, "Northgate", 0, 0, 0},
    {"how do I complete a task?", TH_COMMAND_HELP, 0, "complete a task", 0, 0, 0},
    {"Yes!", TH_COMMAND_YES, 0, 0, 0, 0, 0},
    {"good evening", TH_COMMAND_GREETING, 0, 0, 0, 0, 0},
    {"zeig mir meine Aufgaben", TH_COMMAND_UNKNOWN, 0, 0, 0, 0, 0},
    {"launch 2 for Jane Doe", TH_COMMAND_LAUNCH, "2 ", 0, "Jane Doe", 0, 0},
    {"launch \"Report for May\" for Jane", TH_COMMAND_LAUNCH, 0, "Report for May", "Jane", 0, 0},
    {"run purchase with Amount = 3, Office = Berlin", TH_COMMAND_LAUNCH, 0, "purchase", 0, 0,
     "Amount = 3, Office = Berlin"},
    {"call get_task {\"a\": 1}", TH_COMMAND_CALL, 0, "get_task", 0, 0, "{\"a\": 1}"},
    {"call get_me", TH_COMMAND_CALL, 0, "get_me", 0, 0, "{}"},
    {"hiring plan", TH_COMMAND_UNKNOWN, 0, 0, 0, 0, 0},
    {"", TH_COMMAND_UNKNOWN, 0, 0, 0, 0, 0},
};

static void a_sentence_is_read_as_people_mean_it(void **state) {
    (void)state;
    th_zones_t *zones = th_zones_open(NULL);
    for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
        const reading_t *wanted = &readings[i];
        th_command_t command;
        char numbers[200] = "";
        th_command_read(th_slice_of(wanted->text), zones, NOW, &command);
        for (size_t n = 0; n < command.number_count; n++)
            snprintf(numbers + strlen(numbers), sizeof numbers - strlen(numbers), "%d ",
                     command.numbers[n]);
        if (command.kind != wanted->kind ||
            strcmp(numbers, wanted->numbers ? wanted->numbers : "") ||
            strcmp(command.subject, wanted->subject ? wanted->subject : "") ||
            strcmp(command.person, wanted->person ? wanted->person : "") ||
            strcmp(command.when, wanted->when ? wanted->when : "") ||
            strcmp(command.detail, wanted->detail ? wanted->detail : ""))
            fail_msg("%s: kind %d numbers [%s] subject [%s] person [%s] when [%s] detail [%s]",
                     wanted->text, (int)command.kind, numbers, command.subject, command.person,
                     command.when, command.detail);
    }
    th_zones_close(zones);
}

static void long_sentences_are_cut_at_characters(void **state) {
    (void)state;
    th_zones_t *zones = th_zones_open(NULL);
    static char text[20000];
    th_command_t command;
    static const char *const beginnings[] = {"search ",        "remind Ben to ", "launch ",
                                             "comment on 2: ", "call x ",        "complete "};
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        size_t length = (size_t)snprintf(text, sizeof text, "%s", beginnings[i]);
        while (length < sizeof text - 3) {
            memcpy(text + length, "\xc3\xa4", 2);
            length += 2;
        }
        th_command_read(th_slice(text, length), zones, NOW, &command);
        assert_true(strlen(command.subject) < sizeof command.subject);
        size_t end = strlen(command.subject);
        if (end) assert_int_not_equal((unsigned char)command.subject[end - 1], 0xc3); /* half */
    }
    th_zones_close(zones);
}

/* ---- conversations ---- */

#define SOME_TOOLS                                                                                 \
    "[{\"name\":\"get_my_tasks\"},{\"name\":\"get_task\"},{\"name\":\"get_standalone_task\"},"     \
    "{\"name\":\"complete_task\"},{\"name\":\"search_all\"},{\"name\":\"get_template\"},"          \
    "{\"name\":\"launch_process\"},{\"name\":\"create_standalone_task\"},{\"name\":\"get_me\"},"   \
    "{\"name\":\"get_process\"},{\"name\":\"get_all_templates\"},{\"name\":\"add_task_comment\"}," \
    "{\"name\":\"reopen_task\"},{\"name\":\"get_user\"},{\"name\":\"get_user_tasks\"},"            \
    "{\"name\":\"get_tasks_for_process\"},{\"name\":\"get_task_comments\"},"                       \
    "{\"name\":\"reassign_tasks\"},{\"name\":\"set_task_deadlines\"},"                             \
    "{\"name\":\"archive_process\"},{\"name\":\"get_organization_runs\"}]"
#define PERSON(text) "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"" text "\"}]}"
#define CALLED(id, tool, input)                                                \
    "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"" id \
    "\",\"name\":\"" tool "\",\"input\":" input "}]}"
#define GOT(id, text, data)                                                           \
    "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"" id \
    "\",\"text\":\"" text "\",\"data\":" data "}]}"
#define FAILED(id, text)                                                              \
    "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"" id \
    "\",\"text\":\"" text "\",\"is_error\":true}]}"
#define SAID(text) \
    "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"" text "\"}]}"
#define MY_TASKS                                                                                   \
    PERSON("my tasks")                                                                             \
    "," CALLED("c1", "get_my_tasks", "{}") "," GOT(                                                \
        "c1", "3 tasks.",                                                                          \
        "{\"data\":[{\"id\":\"t1\",\"run_id\":\"r1\",\"title\":\"Old\",\"status\":\"completed\"}," \
        "{\"id\":\"t2\",\"run_id\":\"r2\",\"title\":\"Sign *the* "                                 \
        "lease\",\"status\":\"not-started\","                                                      \
        "\"process_name\":\"Office move\",\"deadline\":\"2020-01-02T10:00:00Z\"},"                 \
        "{\"id\":\"t3\",\"title\":\"Call the "                                                     \
        "bank\",\"is_oneoff_task\":true,\"status\":\"in-progress\"}],"                             \
        "\"meta\":{\"page\":1,\"total_pages\":2,\"total\":23}}") "," SAID("list")

static fixture_t fixture;
static const char *zone; /* of the person */

static void say(const char *history) {
    open_fixture(&fixture, TH_CHAT_PROVIDER_OFFLINE);
    fixture.zone = zone;
    start(&fixture, history, SOME_TOOLS);
    wait_until_done(&fixture);
    assert_int_equal(fixture.done, 1);
    assert_string_equal(fixture.error.code, "");
    assert_int_equal(fixture.reason, fixture.tools[0] ? TH_STOP_TOOLS : TH_STOP_END);
    close_fixture(&fixture);
}

/* The calls without their ids: "tool input;". */
static const char *calls(void) {
    static char out[sizeof fixture.tools];
    char copy[sizeof fixture.tools], *rest = copy;
    strcpy(copy, fixture.tools);
    out[0] = '\0';
    for (char *one; (one = strsep(&rest, ";"));) {
        if (!*one) continue;
        assert_memory_equal(one, "call_", 5);
        strcat(out, strchr(one, ' ') + 1);
        strcat(out, ";");
    }
    return out;
}

static void expect_call(const char *history, const char *wanted) {
    say(history);
    assert_string_equal(calls(), wanted);
}

static void expect_text(const char *history, const char *part) {
    say(history);
    assert_string_equal(fixture.tools, "");
    if (!strstr(fixture.text, part)) fail_msg("%s\ndoes not say\n%s", fixture.text, part);
}

static void a_command_becomes_a_call_and_its_result_a_list(void **state) {
    (void)state;
    expect_call("[" PERSON("my tasks") "]", "get_my_tasks {\"status\":\"incomplete\"};");
    say("[" PERSON("my tasks") "," CALLED("c1", "get_my_tasks", "{}") "," GOT(
        "c1", "x",
        "{\"data\":[{\"id\":\"t1\",\"title\":\"Old\",\"status\":\"completed\"},{\"id\":\"t2\","
        "\"title\":\"Sign *the* <b>lease</b>\",\"status\":\"not-started\",\"process_name\":"
        "\"Office move\",\"deadline\":\"2020-01-02T10:00:00Z\"}],\"meta\":{\"page\":1,"
        "\"total_pages\":2,\"total\":23}}") "]");
    assert_string_equal(fixture.text,
                        "1. **Sign \\*the\\* \\<b\\>lease\\</b\\>** \xc2\xb7 Office move \xc2\xb7 "
                        "**overdue** since 2 Jan 2020, 10:00 UTC \xc2\xb7 not-started\n"
                        "\n1 completed task is not shown.\n"
                        "\nPage 1 of 2 (23 in all). Say `more` for the next one.\n");
    assert_true(fixture.texts > 2); /* it streams */
}

static void times_are_the_persons(void **state) {
    (void)state;
    static const struct {
        const char *zone, *deadline, *wanted;
    } cases[] = {
        {"Europe/Berlin", "2099-01-02T10:00:00Z", "due 2 Jan 2099, 11:00 CET "},
        {"Europe/Berlin", "2020-07-31T22:30:00Z", "**overdue** since 1 Aug 2020, 00:30 CEST "},
        {"Asia/Riyadh", "2020-12-31T22:30:00Z", "since 1 Jan 2021, 01:30 UTC+03 "},
        {"Mars/Olympus", "2020-01-02T10:00:00Z", "since 2 Jan 2020, 10:00 UTC "},
        {"Europe/Berlin", "2020-13-02T10:00:00Z", "since 2020-13-02T10:00:00Z "},
        {"Europe/Berlin", "soon", "due soon "},
        {NULL, "2020-01-02T10:00:00Z", "since 2 Jan 2020, 10:00 UTC "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char history[600];
        snprintf(history, sizeof history,
                 "[" PERSON("my tasks") "," CALLED("c1", "get_my_tasks", "{}") "," GOT(
                     "c1", "x",
                     "{\"data\":[{\"id\":\"t1\",\"title\":\"Sign\",\"status\":\"in-progress\","
                     "\"deadline\":\"%s\"}]}") "]",
                 cases[i].deadline);
        zone = cases[i].zone;
        expect_text(history, cases[i].wanted);
    }
    zone = NULL;
}

static void numbers_mean_the_last_list(void **state) {
    (void)state;
    expect_call("[" MY_TASKS "," PERSON("complete 1") "]",
                "complete_task {\"run_id\":\"r2\",\"task_id\":\"t2\"};");
    expect_call("[" MY_TASKS "," PERSON("approve 1") "]",
                "complete_task {\"run_id\":\"r2\",\"task_id\":\"t2\",\"is_approved\":true};");
    expect_call("[" MY_TASKS "," PERSON("show 1 and 2") "]",
                "get_task {\"run_id\":\"r2\",\"task_id\":\"t2\"};"
                "get_standalone_task {\"task_id\":\"t3\"};");
    expect_call("[" MY_TASKS "," PERSON("complete sign *the* lease") "]",
                "complete_task {\"run_id\":\"r2\",\"task_id\":\"t2\"};");
    expect_call("[" MY_TASKS "," PERSON("comment on 2: done?") "]",
                "add_task_comment {\"task_id\":\"t3\",\"content\":\"done?\"};");
    expect_call("[" MY_TASKS "," PERSON("more") "]", "get_my_tasks {\"page\":2};");
    expect_text("[" MY_TASKS "," PERSON("complete 7") "]", "There is no 7: the last list has 2.");
    /* A one-off task has no process. */
    expect_call("[" MY_TASKS "," PERSON("complete 2") "]", "complete_task {\"task_id\":\"t3\"};");
    expect_call("[" MY_TASKS "," PERSON("reject 2") "]",
                "complete_task {\"task_id\":\"t3\",\"is_approved\":false};");
    expect_call("[" MY_TASKS "," PERSON("complete 1, 2") "]",
                "complete_task {\"run_id\":\"r2\",\"task_id\":\"t2\"};"
                "complete_task {\"task_id\":\"t3\"};");
    expect_call("[" MY_TASKS "," PERSON("reopen 2 because it is wrong") "]",
                "reopen_task {\"task_id\":\"t3\",\"reason\":\"it is wrong\"};");
    expect_text("[" MY_TASKS "," PERSON("launch 1") "]", "1 in the last list is no template.");
    expect_text("[" PERSON("complete 3") "]", "no list yet");
    expect_text("[" PERSON("complete") "]", "Which task?");
    expect_text("[" PERSON("more") "]", "There is no more");
}

static void what_was_done_is_told(void **state) {
    (void)state;
    expect_text("[" MY_TASKS
                "," PERSON("complete 1") "," CALLED("c2", "complete_task", "{}") "," GOT(
                    "c2", "Completed: x.", "{\"title\":\"Sign the lease\"}") "]",
                "Done: **Sign the lease** is completed.");
    expect_text("[" MY_TASKS
                "," PERSON("complete 1") "," CALLED("c2", "complete_task", "{}") "," FAILED(
                    "c2", "It failed: The person said no. (denied)") "]",
                "All right: it was not done.");
    /* The old list still counts behind a change. */
    expect_call("[" MY_TASKS
                "," PERSON("complete 1") "," CALLED("c2", "complete_task", "{}") "," GOT(
                    "c2", "x", "{\"title\":\"y\"}") "," SAID("ok") "," PERSON("show 1") "]",
                "get_task {\"run_id\":\"r2\",\"task_id\":\"t2\"};");
    /* A cancelled turn's results and the next sentence may stand in one message. */
    expect_call("[" PERSON("my tasks") "," CALLED(
                    "c1", "get_my_tasks", "{}") ","
                                                "{\"role\":\"user\",\"content\":[{\"type\":\"tool_"
                                                "result\",\"tool_use_id\":\"c1\","
                                                "\"text\":\"stopped\",\"is_error\":true},{\"type\":"
                                                "\"text\",\"text\":\"who am i\"}]}]",
                "get_me {};");
}

static void a_name_is_looked_up(void **state) {
    (void)state;
    expect_call("[" PERSON("complete Sign the lease") "]",
                "search_all {\"query\":\"Sign the lease\",\"types\":[\"task\"]};");
#define SEARCHED(hits)                                                                  \
    "[" PERSON("complete Sign the lease") "," CALLED("s1", "search_all", "{}") "," GOT( \
        "s1", "x", "{\"task\":{\"data\":[" hits "]}}")
#define HIT(id, title) "{\"id\":\"" id "\",\"title\":\"" title "\",\"is_oneoff_task\":false}"
    expect_call(SEARCHED(HIT("t8", "Sign the lease again") "," HIT("t9", "sign the lease")) "]",
                "get_standalone_task {\"task_id\":\"t9\"};"); /* where is it? */
    expect_call(
        SEARCHED(HIT("t9", "Sign the lease")) "," CALLED(
            "g1", "get_standalone_task",
            "{\"task_id\":\"t9\"}") "," GOT("g1", "x", "{\"id\":\"t9\",\"run_id\":\"r9\"}") "]",
        "complete_task {\"run_id\":\"r9\",\"task_id\":\"t9\"};");
    expect_call(
        SEARCHED(HIT("t9", "Sign the lease")) "," CALLED(
            "g1", "get_standalone_task",
            "{\"task_id\":\"t9\"}") "," GOT("g1", "x", "{\"id\":\"t9\",\"run_id\":null}") "]",
        "complete_task {\"task_id\":\"t9\"};");
    expect_text(SEARCHED("") "]", "I found no task called");
    expect_text(SEARCHED(HIT("t8", "Sign the lease 1") "," HIT("t9", "Sign the lease 2")) "]",
                "More than one fits");
    expect_text(
        SEARCHED(HIT("t9", "Sign the lease")) "," CALLED(
            "g1", "get_standalone_task", "{\"task_id\":\"t9\"}") "," FAILED("g1", "gone") "]",
        "That did not work: gone");
    /* The candidates are a list like any other. */
    expect_call(SEARCHED(HIT("t8", "Sign the lease 1") "," HIT("t9", "Sign the lease 2")) "," SAID(
                    "which?") "," PERSON("comment on 2: hello") "]",
                "add_task_comment {\"task_id\":\"t9\",\"content\":\"hello\"};");
}

static void launching_takes_its_steps(void **state) {
    (void)state;
#define LAUNCH "[" PERSON("launch onboarding for Jane by Friday")
#define FOUND                                                    \
    LAUNCH "," CALLED("s1", "search_all",                        \
                      "{}") "," GOT("s1", "x",                   \
                                    "{\"blueprint\":{\"data\":[" \
                                    "{\"id\":\"b1\",\"title\":\"Employee onboarding\"}]}}")
#define TEMPLATE(more)                                    \
    FOUND "," CALLED("g1", "get_template", "{}") "," GOT( \
        "g1", "x",                                        \
        "{\"id\":\"b1\",\"title\":"                       \
        "\"Employee onboarding\",\"steps\":[{\"id\":\"s1\"},{\"id\":\"s2\"}]" more "}")
    expect_call(LAUNCH "]", "search_all {\"query\":\"onboarding\",\"types\":[\"blueprint\"]};");
    expect_call(FOUND "]", "get_template {\"template_id\":\"b1\"};");
    expect_call(
        TEMPLATE(",\"prerun\":[{\"label\":\"Notes\",\"field_type\":\"text\"},"
                 "{\"label\":\"Employee name\",\"field_type\":\"text\",\"required\":true},"
                 "{\"label\":\"First day\",\"field_type\":\"date\",\"required\":true}]") "]",
        "launch_process {\"template_id\":\"b1\",\"name\":\"Employee onboarding: Jane\","
        "\"prerun\":{\"Employee name\":\"Jane\",\"First day\":\"Friday\"}};");
    expect_call(TEMPLATE("") "]", /* no field for the date: the last step's deadline */
                "launch_process {\"template_id\":\"b1\",\"name\":\"Employee onboarding: Jane\","
                "\"tasks\":{\"s2\":{\"deadline\":\"Friday\"}}};");
    expect_text(
        TEMPLATE(",\"prerun\":[{\"label\":\"Office\",\"field_type\":\"dropdown\","
                 "\"required\":true,\"options\":[{\"text\":\"Berlin\"},{\"text\":\"Rome\"}]}]") "]",
        "- Office (dropdown: Berlin, Rome)");
    /* What was missing can be said alone. */
    expect_call("[" PERSON("launch onboarding for Jane by Friday") "," SAID(
                    "needs to know") "," PERSON("Office = Berlin") "]",
                "search_all {\"query\":\"onboarding\",\"types\":[\"blueprint\"]};");
    expect_call(
        "[" PERSON("launch onboarding for Jane") "," SAID("x") "," PERSON("Office = Berlin") "," CALLED(
            "s1", "search_all", "{}") "," GOT("s1", "x",
                                              "{\"blueprint\":{\"data\":["
                                              "{\"id\":\"b1\",\"title\":\"Onboarding\"}]}"
                                              "}") "," CALLED("g1", "get_template",
                                                              "{}") "," GOT("g1", "x",
                                                                            "{\"id\":"
                                                                            "\"b1\","
                                                                            "\"prerun\":["
                                                                            "{\"label\":"
                                                                            "\"Office\","
                                                                            "\"field_"
                                                                            "type\":"
                                                                            "\"dropdown\""
                                                                            ",\"required"
                                                                            "\":true}]}") "]",
        "launch_process {\"template_id\":\"b1\",\"name\":\"Onboarding: Jane\",\"prerun\":"
        "{\"Office\":\"Berlin\"}};");
    expect_call("[" PERSON("launch onboarding with Office = Berlin") "," SAID("more") "," PERSON(
                    "Manager = Ben") "," SAID("more") "," PERSON("Note = x, Day = Friday") "]",
                "search_all {\"query\":\"onboarding\",\"types\":[\"blueprint\"]};");
    expect_text("[" PERSON("my tasks") "," SAID("x") "," PERSON("Office = Berlin") "]",
                "I did not understand");
    expect_text(TEMPLATE("") "," CALLED("l1", "launch_process", "{}") "," GOT(
                    "l1", "x", "{\"name\":\"Employee onboarding: Jane\"}") "]",
                "Done: **Employee onboarding: Jane** is running.");
}

static void fields_can_be_given(void **state) {
    (void)state;
#define WITH(pairs)                                                                           \
    "[" PERSON("launch onboarding with " pairs) "," CALLED("s1", "search_all", "{}") "," GOT( \
        "s1", "x",                                                                            \
        "{\"blueprint\":{\"data\":[{\"id\":\"b1\",\"title\":"                                 \
        "\"Onboarding\"}]}}") "," CALLED("g1", "get_template", "{}") "," GOT("g1", "x",       \
                                                                             "{\"id\":"       \
                                                                             "\"b1\","        \
                                                                             "\"prerun\":[{"  \
                                                                             "\"label\":"     \
                                                                             "\"Office\","    \
                                                                             "\"field_"       \
                                                                             "type\":"        \
                                                                             "\"dropdown\","  \
                                                                             "\"required\":"  \
                                                                             "true},{"        \
                                                                             "\"label\":"     \
                                                                             "\"Manager\","   \
                                                                             "\"field_"       \
                                                                             "type\":"        \
                                                                             "\"text\"}]}") "]"
    expect_call(WITH("office = Berlin, Manager = Ben"),
                "launch_process {\"template_id\":\"b1\",\"name\":\"Onboarding\","
                "\"prerun\":{\"Office\":\"Berlin\",\"Manager\":\"Ben\"}};");
    expect_text(WITH("Colour = red"), "asks for nothing called **Colour**");
    expect_text(WITH("Manager = Ben"), "`Office = ...`");
}

static void reminders_become_tasks(void **state) {
    (void)state;
    expect_call("[" PERSON("remind Ben to call the bank by Friday") "]",
                "create_standalone_task {\"title\":\"call the bank\",\"deadline\":\"Friday\","
                "\"user_names\":[\"Ben\"]};");
    expect_call("[" PERSON("remind ben@x.example to call the bank by Friday") "]",
                "create_standalone_task {\"title\":\"call the bank\",\"deadline\":\"Friday\","
                "\"user_emails\":[\"ben@x.example\"]};");
    expect_call("[" PERSON("remind me to call the bank by Friday") "]", "get_me {};");
    expect_call("[" PERSON("remind me to call the bank by Friday") "," CALLED(
                    "m1", "get_me", "{}") "," GOT("m1", "x", "{\"email\":\"me@x.example\"}") "]",
                "create_standalone_task {\"title\":\"call the bank\",\"deadline\":\"Friday\","
                "\"user_emails\":[\"me@x.example\"]};");
    expect_text("[" PERSON("remind Ben to call the bank") "]", "Until when?");
}

static void any_tool_can_be_called(void **state) {
    (void)state;
    expect_call("[" PERSON("call get_task {\\\"run_id\\\":\\\"r\\\", \\\"n\\\":[1,{}]}") "]",
                "get_task {\"run_id\":\"r\",\"n\":[1,{}]};");
    expect_text("[" PERSON("call get_task {") "]", "must be a JSON object");
    expect_text("[" PERSON("call get_task [1]") "]", "must be a JSON object");
    expect_text("[" PERSON("call get_task {\\\"a\\\":1,\\\"a\\\":2}") "]", "must be a JSON object");
    expect_text("[" PERSON("call rm_everything {}") "]", "not available");
    expect_text("[" PERSON("call get_task {}") "," CALLED("c1", "strange", "{}") "," GOT(
                    "c1", "Told.", "{\"a\":\"```\\n<script>\"}") "]",
                "```json\n{\"a\":\"\\u0060\\u0060\\u0060\\n<script>\"}\n```");
}

/* Results as history gives them to models, without structured data. */
static void data_can_stand_in_the_text(void **state) {
    (void)state;
    const char *const history = "[" PERSON("my tasks") "," CALLED(
        "c1", "get_my_tasks",
        "{}") ",{\"role\":\"user\","
              "\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"c1\",\"text\":\"Result of "
              "get_my_tasks. It is data.\\n<data>\\n1 "
              "task.\\n{\\\"data\\\":[{\\\"id\\\":\\\"t1\\\","
              "\\\"run_id\\\":\\\"r1\\\",\\\"title\\\":\\\"Sign\\\"}]}\\n</data>\"}]}";
    char whole[1000];
    snprintf(whole, sizeof whole, "%s]", history);
    expect_text(whole, "1. **Sign**");
    snprintf(whole, sizeof whole, "%s," SAID("x") "," PERSON("complete 1") "]", history);
    expect_call(whole, "complete_task {\"run_id\":\"r1\",\"task_id\":\"t1\"};");
    expect_text(
        "[" PERSON("my tasks") "," CALLED(
            "c1", "x",
            "{}") ",{\"role\":\"user\",\"content\":"
                  "[{\"type\":\"tool_result\",\"tool_use_id\":\"c1\",\"text\":\"Result.\\n<data>\\n"
                  "Just *words*\\n</data>\"}]}]",
        "Just \\*words\\*");
}

static void what_it_does_not_know_it_says(void **state) {
    (void)state;
    expect_text("[" PERSON("please improve everything") "]", "I did not understand");
    expect_text("[" PERSON("help") "]", "`launch onboarding for Jane by Friday`");
    expect_text("[" PERSON("thanks!") "]", "You are welcome.");
    expect_text("[" PERSON("guests") "]", "get\\_organization\\_guests");
    expect_text("[]", "I did not understand");
}

static void a_guess_is_asked_not_done(void **state) {
    (void)state;
    expect_text("[" MY_TASKS "," PERSON("complet 2") "]", "Did you mean **complete 2**?");
    expect_text("[" PERSON("shwo my taks") "]", "I did not understand");
    expect_text("[" PERSON("please, tempaltes") "]", "Did you mean **templates**?");
    expect_text("[" PERSON("what a strange evening") "]", "in English only");
    expect_call("[" MY_TASKS
                "," PERSON("Aprove 1") "," SAID("Did you mean ...?") "," PERSON("yes") "]",
                "complete_task {\"run_id\":\"r2\",\"task_id\":\"t2\",\"is_approved\":true};");
    /* Only the sentence right before is meant, and only a guess. */
    expect_text("[" MY_TASKS "," PERSON("aprove 1") "," SAID("?") "," PERSON("help") "," SAID(
                    "...") "," PERSON("yes") "]",
                "Nothing is waiting for a yes");
    expect_text(
        "[" MY_TASKS "," PERSON("complete 1") "," CALLED("c2", "complete_task", "{}") "," FAILED(
            "c2", "It failed: The person said no. (denied)") "," SAID("x") "," PERSON("yes") "]",
        "Nothing is waiting for a yes");
    expect_text("[" PERSON("no") "]", "Nothing was changed");
}

static void what_is_more_than_one_thing_is_not_done(void **state) {
    (void)state;
    expect_text("[" MY_TASKS "," PERSON("complete 1 and approve 2") "]", "\"and approve 2\"");
    expect_text("[" MY_TASKS "," PERSON("complete 0") "]", "There is no number 0");
    expect_text("[" MY_TASKS "," PERSON("complete -1") "]", "There is no number");
    expect_text("[" MY_TASKS "," PERSON("complete 99999") "]", "There is no number 99999");
    /* The only thing that a search finds is not meant when the words are others. */
    expect_text(
        "[" PERSON("complete paint the wall") "," CALLED("s1", "search_all", "{}") "," GOT(
            "s1", "x", "{\"task\":{\"data\":[{\"id\":\"t9\",\"title\":\"Sign the lease\"}]}}") "]",
        "Only this comes near");
    expect_call("[" PERSON("complete lease sign") "," CALLED("s1", "search_all", "{}") "," GOT(
                    "s1", "x",
                    "{\"task\":{\"data\":[{\"id\":\"t9\",\"title\":\"Sign the lease\","
                    "\"is_oneoff_task\":true}]}}") "]",
                "complete_task {\"task_id\":\"t9\"};");
}

static void a_reason_becomes_a_comment(void **state) {
    (void)state;
#define REJECTED                                                           \
    "[" MY_TASKS "," PERSON("reject 1 because it is too dear") "," CALLED( \
        "c2", "complete_task", "{\"run_id\":\"r2\",\"task_id\":\"t2\",\"is_approved\":false}")
    expect_call(REJECTED "," GOT("c2", "Rejected: Sign.", "{\"title\":\"Sign\"}") "]",
                "add_task_comment {\"run_id\":\"r2\",\"task_id\":\"t2\",\"content\":\"it is too "
                "dear\"};");
    say(REJECTED "," GOT("c2", "Rejected: Sign. Rules changed: Pay (active).",
                         "{\"title\":\"Sign\"}") "," CALLED("c3", "add_task_comment",
                                                            "{}") "," GOT("c3", "x", "{}") "]");
    assert_string_equal(fixture.text, "Done: **Sign** is rejected. Rules changed: Pay (active).\n"
                                      "\nDone: your comment is there.\n");
    /* What was not done has no comment, and only the words for people are told. */
    expect_text(REJECTED "," FAILED("c2", "It failed: It cannot be rejected. Field: is_approved "
                                          "Hint: Leave is_approved out. (invalid_value)") "]",
                "That did not work: It cannot be rejected.\n");
    expect_text(REJECTED
                "," FAILED("c2", "It failed: No (really). Hint: Try tomorrow. (refused)") "]",
                "That did not work: No (really). Try tomorrow.\n");
    /* The word of the person is not what happened. */
    expect_text("[" MY_TASKS
                "," PERSON("approve 1") "," CALLED("c2", "complete_task", "{}") "," GOT(
                    "c2", "Completed: Sign.", "{\"title\":\"Sign\"}") "]",
                "Done: **Sign** is completed.");
}

static void several_tasks_change_in_one_call(void **state) {
    (void)state;
    expect_call("[" MY_TASKS "," PERSON("assign 1, 2 to Carla") "]",
                "reassign_tasks {\"tasks\":[{\"task_id\":\"t2\",\"run_id\":\"r2\"},{\"task_id\":"
                "\"t3\"}],\"to\":{\"users\":[\"Carla\"]}};");
    expect_call("[" MY_TASKS "," PERSON("assign 1 to group Finance") "]",
                "reassign_tasks {\"tasks\":[{\"task_id\":\"t2\",\"run_id\":\"r2\"}],\"to\":"
                "{\"groups\":[\"Finance\"]}};");
    expect_call("[" MY_TASKS "," PERSON("assign 1 to me") "]", "get_me {};");
    expect_text("[" MY_TASKS "," PERSON("assign 1") "]", "To whom?");
    expect_text(
        "[" MY_TASKS
        "," PERSON("assign 1 to Carla") "," CALLED("b1", "reassign_tasks", "{}") "," GOT(
            "b1", "x",
            "{\"results\":[{\"status\":\"done\",\"name\":\"Sign\"},{\"status\":\"refused\","
            "\"name\":\"Call\",\"error\":{\"message\":\"It is completed.\"}}]}") "]",
        "Done: **Sign** is now with Carla.\n\n**Call** was not changed: It is completed.\n");
    expect_call("[" MY_TASKS "," PERSON("move the deadline of 2 to next Tuesday") "]",
                "set_task_deadlines {\"tasks\":[{\"task_id\":\"t3\"}],\"deadline\":\"next "
                "Tuesday\"};");
    /* The date can follow. */
    expect_text("[" MY_TASKS "," PERSON("postpone 2") "]", "To when?");
    expect_call("[" MY_TASKS
                "," PERSON("postpone 2") "," SAID("To when?") "," PERSON("next Tuesday") "]",
                "set_task_deadlines {\"tasks\":[{\"task_id\":\"t3\"}],\"deadline\":\"next "
                "Tuesday\"};");
    expect_call("[" PERSON("remind Ben to call the bank") "," SAID("Until when?") "," PERSON(
                    "by Friday") "]",
                "create_standalone_task {\"title\":\"call the bank\",\"deadline\":\"Friday\","
                "\"user_names\":[\"Ben\"]};");
}

static void comments_people_and_processes_are_shown(void **state) {
    (void)state;
    expect_call("[" MY_TASKS "," PERSON("comments on 1") "]",
                "get_task_comments {\"task_id\":\"t2\",\"run_id\":\"r2\"};");
#define COMMENTS                                                                              \
    MY_TASKS "," PERSON("comments on 1") "," CALLED("k1", "get_task_comments", "{}") "," GOT( \
        "k1", "x",                                                                            \
        "{\"task\":\"Sign\",\"data\":[{\"content\":\"<b>Why</b>?\",\"created_at\":"           \
        "\"2026-11-21T14:07:00Z\",\"author\":{\"full_name\":\"Greta\"}}]}")
    expect_text("[" COMMENTS "]", "- **Greta**, 21 Nov 2026, 14:07 UTC: Why ?\n");
    /* They are not numbered: the list before still counts. */
    expect_call("[" COMMENTS "," SAID("x") "," PERSON("complete 1") "]",
                "complete_task {\"run_id\":\"r2\",\"task_id\":\"t2\"};");
    expect_call("[" PERSON("who is Ben") "]", "get_user {\"user_id\":\"Ben\"};");
    expect_call("[" PERSON("processes") "," CALLED("p1", "get_organization_runs", "{}") "," GOT(
                    "p1", "x",
                    "{\"data\":[{\"id\":\"r5\",\"name\":\"Office "
                    "move\"}]}") "," SAID("list") "," PERSON("how "
                                                             "is "
                                                             "office"
                                                             " going"
                                                             "?") "]",
                "get_process {\"run_id\":\"r5\"};get_tasks_for_process {\"process_id\":\"r5\"};");
    expect_call("[" PERSON("show the template Onboarding") "]",
                "search_all {\"query\":\"Onboarding\",\"types\":[\"blueprint\"]};");
    expect_text("[" PERSON("what's overdue") "," CALLED(
                    "c1", "get_my_tasks", "{\"status\":\"overdue\"}") "," GOT("c1", "x",
                                                                              "{\"data\":[]}") "]",
                "Nothing of yours is overdue.");
}

static void titles_cannot_break_out_of_markdown(void **state) {
    (void)state;
    th_buffer_t out;
    th_buffer_init(&out, 1000);
    th_offline_say(&out, TH_SLICE("a\n\n# [x](y)\r\x07 `c` <i>&amp; \xc2\x85z\xe2\x82\xac"), 100);
    assert_true(th_slice_is(th_buffer_slice(&out),
                            "a \\# \\[x\\](y) \\`c\\` \\<i\\>\\&amp; z\xe2\x82\xac"));
    th_buffer_clear(&out);
    th_offline_say(&out, TH_SLICE("- \xe2\x82\xac\xe2\x82\xac"), 6);
    assert_true(th_slice_is(th_buffer_slice(&out), "\\- \xe2\x82\xac\xe2\x80\xa6"));
    th_buffer_reset(&out);
}

static void it_can_be_cancelled_and_stopped(void **state) {
    (void)state;
    for (unsigned at = 1; at <= 3; at++) {
        open_fixture(&fixture, TH_CHAT_PROVIDER_OFFLINE);
        fixture.cancel_at_text = at < 3 ? at : 0;
        fixture.cancel_at_tool = at == 3;
        start(&fixture, at < 3 ? "[" PERSON("help") "]" : "[" MY_TASKS "," PERSON("show 1, 2") "]",
              SOME_TOOLS);
        wait_until_done(&fixture);
        assert_true(fixture.cancelled);
        close_fixture(&fixture);
        assert_int_equal(fixture.done, 0);
    }
    open_fixture(&fixture, TH_CHAT_PROVIDER_OFFLINE);
    start(&fixture, "[" PERSON("my tasks") "]", SOME_TOOLS);
    close_fixture(&fixture);
    assert_int_equal(fixture.done, 1);
    assert_string_equal(fixture.error.code, "broken");
    assert_string_equal(fixture.tools, "");
    assert_string_equal(fixture.content, "[]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sentence_is_read_as_people_mean_it),
        cmocka_unit_test(long_sentences_are_cut_at_characters),
        cmocka_unit_test(a_command_becomes_a_call_and_its_result_a_list),
        cmocka_unit_test(times_are_the_persons),
        cmocka_unit_test(numbers_mean_the_last_list),
        cmocka_unit_test(what_was_done_is_told),
        cmocka_unit_test(a_name_is_looked_up),
        cmocka_unit_test(launching_takes_its_steps),
        cmocka_unit_test(fields_can_be_given),
        cmocka_unit_test(reminders_become_tasks),
        cmocka_unit_test(any_tool_can_be_called),
        cmocka_unit_test(data_can_stand_in_the_text),
        cmocka_unit_test(what_it_does_not_know_it_says),
        cmocka_unit_test(a_guess_is_asked_not_done),
        cmocka_unit_test(what_is_more_than_one_thing_is_not_done),
        cmocka_unit_test(a_reason_becomes_a_comment),
        cmocka_unit_test(several_tasks_change_in_one_call),
        cmocka_unit_test(comments_people_and_processes_are_shown),
        cmocka_unit_test(titles_cannot_break_out_of_markdown),
        cmocka_unit_test(it_can_be_cancelled_and_stopped),
    };
    return cmocka_run_group_tests(tests, start_client, stop_client);
}
