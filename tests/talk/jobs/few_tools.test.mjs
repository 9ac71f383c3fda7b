// A job done with three tools only: the profile that finds, describes and calls all the others.
import { test, before, after, beforeEach } from "node:test";
import assert from "node:assert/strict";
import { Office } from "../lib/office.mjs";

let office;
before(async () => { office = await Office.open("compact"); });
beforeEach(() => office.morning());
after(() => office?.close());

test("an assistant that knows no tool plans a colleague's day and moves what is late", async () => {
  const ben = await office.as("Ben");
  assert.deepEqual([...ben.tools].sort(), ["call_tool", "describe_tool", "get_me", "search_tools"]);
  const found = await ben.does("search_tools", { query: "the tasks of a colleague" });
  assert.equal(found.data[0].name, "get_user_tasks");
  const wrong = await ben.fails("call_tool", { name: "get_users_tasks", arguments: { user_name: "Carla" } });
  assert.match(wrong, /search_tools finds the names/);
  const unfit = await ben.fails("call_tool", { name: "get_user_tasks", arguments: { user: "Carla" } });
  assert.match(unfit, /user_name/);
  await ben.does("describe_tool", { name: "get_user_tasks" });
  const late = await ben.does("call_tool", { name: "get_user_tasks", arguments: { user_name: "Carla", status: "overdue" } });
  const own = late.data.filter((task) => task.is_oneoff_task);
  assert.ok(own.length > 0 && own.every((task) => task.overdue), late.said);
  const other = await ben.does("search_tools", { query: "change deadline of several tasks" });
  assert.match(other.said, /set_task_deadlines/);
  const moved = await ben.does("call_tool", { name: "set_task_deadlines", arguments: { deadline: "in 3 days",
    tasks: own.map((task) => ({ task_id: task.title })) } });
  assert.equal(moved.done, own.length, moved.said);

  for (const { id } of own) assert.ok(Date.parse((await office.there(`tasks/${id}`)).deadline) > Date.now());
  assert.deepEqual(await office.writes(), own.map(() => "PUT tasks/*"));
});
