// Files as they really travel: uploaded as the app does or by the tool, read back with every byte.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Host } from "./lib/host.mjs";
import { connect, call, textOf } from "./lib/clients.mjs";

let host, client, person;
before(async () => {
  host = await Host.start();
  person = host.person("admin");
  client = await connect(host, person, "1");
  await client.listTools();
});
after(async () => {
  await client.close();
  await host.stop();
});

async function upload(name, bytes) {
  const form = new FormData();
  const fields = { subject_id: person.org_id, subject_type: "Organization", uploaded_from: "ko_field", source: "local" };
  for (const [key, value] of Object.entries(fields)) form.set(key, value);
  form.set("name", new Blob([bytes]), name);
  const answer = await fetch(`${host.ready.practice}/organizations/${person.org_id}/file`, { method: "POST", body: form,
    headers: { Authorization: `Bearer ${person.api_key}`, "X-Tallyfy-Client": "talk" } });
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()).data.id;
}

async function read(name, bytes, more = {}) {
  return call(client, "get_file", { file_id: await upload(name, bytes), ...more });
}

test("a text comes whole, in pieces of whole characters", async () => {
  const id = await upload("list.csv", "é".repeat(15000) + "\n");
  let text = "", offset = 0;
  do {
    const part = (await call(client, "get_file", { file_id: id, offset })).structuredContent;
    assert.equal(part.bytes, 30001);
    text += part.content;
    offset = part.next_offset;
  } while (offset);
  assert.equal(text, "é".repeat(15000) + "\n");
});

test("what is empty, JSON or a page comes as it is", async () => {
  for (const text of ["", "[1, 2]\n", "<p>hello", "{broken"])
    assert.equal((await read("a.txt", text)).structuredContent.content, text);
});

test("pictures and others keep every byte", async () => {
  const bytes = new Uint8Array(256).map((_, index) => index);
  const picture = (await read("all.png", bytes)).content.find((block) => block.type === "image");
  assert.deepEqual(Buffer.from(picture.data, "base64"), Buffer.from(bytes));
  assert.equal(picture.mimeType, "image/png");
  const paper = (await read("all.pdf", bytes)).content.find((block) => block.type === "resource");
  assert.deepEqual(Buffer.from(paper.resource.blob, "base64"), Buffer.from(bytes));
});

test("what is too large is said, not shown", async () => {
  const large = await read("large.zip", new Uint8Array(524289));
  assert.ok(!large.isError);
  assert.match(textOf(large), /too large/);
  assert.equal(large.content.filter((block) => block.type !== "text").length, 0);
});

// A purchase with a kick-off file and a task with a file field.
async function purchase(who = client) {
  const [template_id, step_id] = ["Purchase request", "Place the order"];
  const label = "Confirmation";
  await call(who, "add_form_field_to_step", { template_id, step_id, field_data: { label, field_type: "file", required: false } });
  const launched = await call(who, "launch_process", { template_id, name: "Purchase: Lamp", prerun: {
    "What is needed?": "A lamp", "Amount in pounds": 300, "Quotes": "https://shop.example/lamp.pdf" } });
  assert.ok(!launched.isError, textOf(launched));
  return launched.structuredContent.id;
}

async function bytesOf(id) {
  const answer = await fetch(`${host.ready.practice}/organizations/${person.org_id}/file/${id}/dl`, {
    headers: { Authorization: `Bearer ${person.api_key}`, "X-Tallyfy-Client": "talk" } });
  assert.equal(answer.status, 200);
  return Buffer.from(await answer.arrayBuffer());
}

test("upload_file stores every byte, copies them, and keeps what is there", async () => {
  const run_id = await purchase();
  const bytes = Buffer.alloc(600000); // nothing in it may matter: boundaries, line ends, zeros
  for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 31 + (at >> 8) * 7) & 255;
  bytes.write("\r\n------tallyhost-", 1000);
  const put = await call(client, "upload_file", { run_id, task_id: "Place the order", filename: "C:\\tmp\\Plän \"A\".dwg",
    content: bytes.toString("base64") });
  assert.ok(!put.isError, textOf(put));
  assert.equal(put.structuredContent.filename, "Plän _A_.dwg");
  assert.ok(bytes.equals(await bytesOf(put.structuredContent.id)));

  const copy = await call(client, "upload_file", { run_id, from: put.structuredContent.id });
  assert.ok(!copy.isError, textOf(copy));
  assert.notEqual(copy.structuredContent.id, put.structuredContent.id);
  assert.deepEqual(copy.structuredContent.files.map((file) => file.filename), ["lamp.pdf", "Plän _A_.dwg"]);
  assert.ok(bytes.equals(await bytesOf(copy.structuredContent.id)));

  const page = await call(client, "upload_file", { run_id, task_id: "Place the order", filename: "page.txt", text: "<p>é\r\n" });
  assert.equal((await call(client, "get_file", { file_id: page.structuredContent.id })).structuredContent.content, "<p>é\r\n");
  assert.equal(page.structuredContent.files.length, 2);
});

test("a host may allow smaller files only", async () => {
  const small = await Host.start({ env: { TALLYHOST_TALLYFY_UPLOAD_BYTES: "1KB" } });
  try {
    const other = await connect(small, small.person("admin"), "1");
    const where = { run_id: await purchase(other), task_id: "Place the order", filename: "a.txt" };
    const refused = await call(other, "upload_file", { ...where, text: "x".repeat(1025) });
    assert.equal(refused.isError, true);
    assert.match(textOf(refused), /more than 1024 bytes/);
    const taken = await call(other, "upload_file", { ...where, text: "x".repeat(1024) });
    assert.equal(taken.structuredContent.files.length, 1, textOf(taken));
    await other.close();
  } finally {
    await small.stop();
  }
});
