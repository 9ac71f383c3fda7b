// The host's own resources and prompts, as people meet them through official clients; nothing of one tenant reaches another.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Host } from "./lib/host.mjs";
import { connect, call, lines } from "./lib/clients.mjs";

let host;
before(async () => { host = await Host.start(); });
after(() => host.stop());

const textAt = async (client, uri) => {
  const { contents } = await client.readResource({ uri });
  assert.equal(contents.length, 1, uri);
  assert.equal(contents[0].uri, uri);
  return contents[0].text;
};

for (const line of lines)
  test(`resources: every one can be read, templates with real ids, line ${line}`, async () => {
    const person = host.person("admin");
    const client = await connect(host, person, line);
    const { resources } = await client.listResources();
    for (const uri of ["tallyfy://tools", "tallyfy://capabilities", "tallyfy://organization", "tallyfy://tasks/mine"])
      assert.ok(resources.some((one) => one.uri === uri), uri);
    for (const { uri, mimeType } of resources) {
      const text = await textAt(client, uri);
      assert.ok(text.length > 20, uri);
      if (mimeType === "application/json") JSON.parse(text);
      assert.ok(!text.includes(person.api_key), uri);
    }
    assert.match(await textAt(client, "tallyfy://tools"), /get_my_tasks/);
    assert.match(await textAt(client, "tallyfy://capabilities"), new RegExp(person.name));
    assert.equal(JSON.parse(await textAt(client, "tallyfy://organization")).id, person.org_id);

    const { resourceTemplates } = await client.listResourceTemplates();
    assert.deepEqual(resourceTemplates.map((one) => one.uriTemplate).toSorted(),
      ["tallyfy://runs/{run_id}", "tallyfy://runs/{run_id}/tasks/{task_id}", "tallyfy://templates/{template_id}"]);
    const ids = async (uri, name, context) => (await client.complete({ ref: { type: "ref/resource", uri }, argument: { name,
      value: "" },
      ...(context ? { context: { arguments: context } } : {}) })).completion.values;
    const [template_id] = await ids("tallyfy://templates/{template_id}", "template_id");
    assert.equal(JSON.parse(await textAt(client, `tallyfy://templates/${template_id}`)).id, template_id);
    const runs = await ids("tallyfy://runs/{run_id}", "run_id");
    assert.ok(runs.length > 0 && runs.length <= 100);
    const [run_id] = runs;
    assert.equal(JSON.parse(await textAt(client, `tallyfy://runs/${run_id}`)).id, run_id);
    const [task_id] = await ids("tallyfy://runs/{run_id}/tasks/{task_id}", "task_id", { run_id });
    assert.equal(JSON.parse(await textAt(client, `tallyfy://runs/${run_id}/tasks/${task_id}`)).id, task_id);
    for (const uri of ["tallyfy://nothing", `tallyfy://runs/${"0".repeat(32)}`, "tallyfy://runs/..%2f..%2fme", "tallyfy://runs/"])
      await assert.rejects(client.readResource({ uri }), uri);
    await client.close();
  });

for (const line of lines)
  test(`prompts: every one can be had, with completions, line ${line}`, async () => {
    const client = await connect(host, host.person("admin"), line);
    const { prompts } = await client.listPrompts();
    for (const name of ["launch_a_process", "plan_my_day", "build_a_template", "review_a_template"])
      assert.ok(prompts.some((one) => one.name === name), name);
    const templates = await call(client, "get_all_templates");
    const { title } = templates.structuredContent.data[0];
    const { completion } = await client.complete({ ref: { type: "ref/prompt", name: "launch_a_process" },
      argument: { name: "template", value: title.slice(0, 3) } });
    assert.ok(completion.values.includes(title), `${completion.values}`);
    const given = { launch_a_process: { template: title }, review_a_template: { template: title }, plan_my_day: {},
      build_a_template: { description: "Each new colleague gets a desk, a laptop and a lunch with the team." } };
    for (const [name, args] of Object.entries(given)) {
      const { messages } = await client.getPrompt({ name, arguments: args });
      assert.ok(messages.length > 0 && JSON.stringify(messages).length > 200, name);
    }
    await assert.rejects(client.getPrompt({ name: "launch_a_process" }), /template/);
    await client.close();
  });

test("what another tenant owns does not exist", async () => {
  const [one, other] = host.tenants();
  const mine = await connect(host, one, "1"), theirs = await connect(host, other, "2-modern");
  const ask = (client, uri, name) => client.complete({ ref: { type: "ref/resource", uri }, argument: { name, value: "" } });
  for (const [uri, name] of [["tallyfy://runs/{run_id}", "run_id"], ["tallyfy://templates/{template_id}", "template_id"]]) {
    const own = (await ask(mine, uri, name)).completion.values, foreign = (await ask(theirs, uri, name)).completion.values;
    assert.ok(own.length > 0 && foreign.length > 0);
    assert.ok(!foreign.some((id) => own.includes(id)));
    await assert.rejects(theirs.readResource({ uri: uri.replace(`{${name}}`, own[0]) }));
  }
  assert.notEqual(await textAt(mine, "tallyfy://organization"), await textAt(theirs, "tallyfy://organization"));
  await Promise.all([mine.close(), theirs.close()]);
});
