// Official clients, both major lines and both wires: list, call, error, cancel, over HTTP and stdio.
import { test, describe, before, after } from "node:test";
import assert from "node:assert/strict";
import { Host, program, source, until } from "./lib/host.mjs";
import { connect, connectStdio, call, lines, textOf } from "./lib/clients.mjs";

const firstTools = ["complete_task", "create_standalone_task", "get_all_templates", "get_me", "get_my_tasks",
  "get_organization", "get_organization_users_list", "get_process", "get_task", "get_template", "launch_process",
  "reopen_task", "search_all"];

async function listAndCall(client, person) {
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map((tool) => tool.name).filter((name) => firstTools.includes(name)), firstTools);
  for (const tool of tools) {
    assert.equal(tool.inputSchema.type, "object", tool.name);
    assert.ok(tool.description, tool.name);
    for (const hint of ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"])
      assert.equal(typeof tool.annotations[hint], "boolean", `${tool.name} ${hint}`);
  }
  const me = await call(client, "get_me");
  assert.ok(!me.isError, textOf(me));
  assert.match(textOf(me), new RegExp(person.name));
  assert.equal(me.structuredContent.organization_id, person.org_id);
}

async function errorsAreClear(client) {
  const wrong = await call(client, "get_task", { run_id: 7, task: 1 });
  assert.equal(wrong.isError, true);
  assert.match(textOf(wrong), /run_id/);
  assert.match(textOf(wrong), /task_id/);
  const missing = await call(client, "get_process", { run_id: "0".repeat(32) });
  assert.equal(missing.isError, true);
  assert.match(textOf(missing), /there is no process/i);
  await assert.rejects(call(client, "no_such_tool"), /no_such_tool/);
}

describe("official clients over HTTP", () => {
  let host;
  before(async () => { host = await Host.start(); });
  after(() => host.stop());

  for (const line of lines) {
    test(`line ${line}: lists, calls, errs`, async () => {
      const person = host.person("admin");
      const client = await connect(host, person, line);
      await listAndCall(client, person);
      await errorsAreClear(client);
      await client.close();
    });

    test(`line ${line}: a cancelled call reaches the API no further and the next one works`, async () => {
      const person = host.person("admin");
      const client = await connect(host, person, line);
      await host.fault({ path_prefix: `/organizations/${person.org_id}/search`, fault: "hang" });
      const stop = new AbortController();
      const seen = (await host.requests()).length;
      const running = call(client, "search_all", { query: "onboarding" }, { signal: stop.signal });
      running.catch(() => {});
      await until(async () => (await host.requests()).length > seen, "the request at the API");
      await host.noMoreFaults(); // the one that waits goes on waiting
      stop.abort(new Error("changed my mind"));
      await assert.rejects(running);
      await until(() => /search_all outcome=cancelled/.test(host.log), "the cancelled call in the log");
      const me = await call(client, "get_me");
      assert.ok(!me.isError);
      await client.close();
    });
  }

  test("two people at once see only their own", async () => {
    const [one, other] = host.tenants();
    const clients = await Promise.all([connect(host, one, "1"), connect(host, other, "2-modern")]);
    const answers = await Promise.all(clients.map((client) => call(client, "get_organization")));
    assert.equal(answers[0].structuredContent.id, one.org_id);
    assert.equal(answers[1].structuredContent.id, other.org_id);
    await Promise.all(clients.map((client) => client.close()));
  });

  test("a person's work: find, launch, complete, reopen", async () => {
    const client = await connect(host, host.person("admin"), "1");
    const templates = await call(client, "get_all_templates");
    assert.ok(!templates.isError, textOf(templates));
    const name = templates.structuredContent.data[0].title;
    const template = await call(client, "get_template", { template_name: name });
    assert.ok(!template.isError, textOf(template));
    const prerun = {};
    for (const field of template.structuredContent.prerun ?? []) {
      if (!field.required) continue;
      prerun[field.label] = field.options?.length ? field.options[0].text
        : field.field_type === "date" ? "2027-01-15 09:00:00" : "Jane Doe";
    }
    const launched = await call(client, "launch_process",
      { template_id: template.structuredContent.id, name: "Talk process", prerun });
    assert.ok(!launched.isError, textOf(launched));
    const process = await call(client, "get_process", { run_id: launched.structuredContent.id });
    assert.equal(process.structuredContent.name, "Talk process");
    const unknown = await call(client, "launch_process",
      { template_id: template.structuredContent.id, name: "Never", prerun: { "No such field": 1 } });
    assert.equal(unknown.isError, true);
    assert.match(textOf(unknown), /No such field/);

    const due = await call(client, "create_standalone_task", { title: "Call the caterer",
      deadline: "1 February 2027 at 10am", user_emails: host.ready.credentials.length ? [await emailOf(client)] : [] });
    assert.ok(!due.isError, textOf(due));
    assert.match(textOf(due), /due Monday 1 February 2027, 10:00 Europe\/London/); // in the person's zone, as understood
    assert.match(due.structuredContent.deadline, /^2027-02-01T10:00:00/);
    const unclear = await call(client, "create_standalone_task",
      { title: "x", deadline: "when pigs fly", user_names: "Ben Okonkwo" });
    assert.equal(unclear.isError, true);
    assert.match(textOf(unclear), /deadline/);
    await client.close();
  });

  async function emailOf(client) {
    return (await call(client, "get_me")).structuredContent.email;
  }
});

describe("official clients over stdio", () => {
  for (const line of lines) {
    test(`line ${line}`, async () => {
      const client = await connectStdio({ command: program, cwd: source,
        args: ["stdio", "--practice"], stderr: "pipe" }, line);
      const me = await call(client, "get_me");
      assert.ok(!me.isError, textOf(me));
      await listAndCall(client, { name: me.structuredContent.full_name, org_id: me.structuredContent.organization_id });
      await errorsAreClear(client);
      await client.close();
    });
  }
});
