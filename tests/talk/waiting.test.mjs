// wait_for_task gives a handle that ends when somebody else completes the task; a client without tasks just waits.
import { test, describe, before, after } from "node:test";
import assert from "node:assert/strict";
import { Host, until } from "./lib/host.mjs";
import { connect, call } from "./lib/clients.mjs";
import { ask } from "./lib/raw.mjs";

const extension = "io.modelcontextprotocol/tasks";
const able = { capabilities: { extensions: { [extension]: {} } } };

describe("wait_for_task", () => {
  let host, amelia, other;
  before(async () => {
    host = await Host.start({ tools: process.env.TH_TOOLS_DIR });
    amelia = host.person("admin");
    other = await connect(host, host.person("Ben"), "1");
  });
  after(async () => { await other.close(); await host.stop(); });

  const made = async (title) => {
    const task = await call(other, "create_standalone_task", { title, deadline: "1 February 2027", user_names: ["Ben Okonkwo"] });
    assert.ok(!task.isError);
    return task.structuredContent.id;
  };
  const completed = async (id) => assert.ok(!(await call(other, "complete_task", { task_id: id })).isError);

  test("is a handle where the client can, working until the task is completed", async () => {
    const id = await made("Fetch the keys");
    const params = { name: "wait_for_task", arguments: { task_id: id, seconds: 120 } };
    const begun = (await ask(host, amelia, "tools/call", params, able)).result;
    assert.equal(begun.resultType, "task", JSON.stringify(begun));
    const state = async () => (await ask(host, amelia, "tasks/get", { taskId: begun.taskId }, able)).result;
    assert.equal((await state()).status, "working");
    await completed(id);
    const ended = await until(async () => { const now = await state(); return now.status === "working" ? null : now; }, "the end");
    assert.equal(ended.status, "completed");
    assert.equal(ended.result.structuredContent.outcome, "completed");
    assert.equal(ended.result.structuredContent.task.id, id);
  });

  test("can be given up", async () => {
    const id = await made("Return the keys");
    const params = { name: "wait_for_task", arguments: { task_id: id, seconds: 120 } };
    const begun = (await ask(host, amelia, "tools/call", params, able)).result;
    await ask(host, amelia, "tasks/cancel", { taskId: begun.taskId }, able);
    const state = async () => (await ask(host, amelia, "tasks/get", { taskId: begun.taskId }, able)).result.status;
    await until(async () => (await state()) === "cancelled", "the end");
  });

  test("waits in a plain call otherwise", async () => {
    const id = await made("Copy the keys");
    const waiting = call(other, "wait_for_task", { task_id: id, seconds: 60 });
    await completed(id);
    assert.equal((await waiting).structuredContent.outcome, "completed");
  });
});
