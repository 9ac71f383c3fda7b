// Several workers on one port: people land anywhere and are served by their own worker; nothing is shared.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Host } from "./lib/host.mjs";
import { connect, call, textOf, lines } from "./lib/clients.mjs";

let host;
before(async () => { host = await Host.start({ flags: ["--workers", "3"] }); });
after(() => host.stop());

test("sessions hold across connections whichever worker accepts them", async () => {
  const clients = [];
  for (const person of host.ready.credentials)
    for (const line of lines) clients.push({ person, client: await connect(host, person, line) });
  const rounds = Array.from({ length: 4 }, () => clients.map(async ({ person, client }) => {
    const me = await call(client, "get_me");
    assert.ok(!me.isError, textOf(me));
    assert.equal(me.structuredContent.organization_id, person.org_id);
  })).flat();
  await Promise.all(rounds);
  for (const { client } of clients) await client.close();
});
