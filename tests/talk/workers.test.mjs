// Several workers on one port: people land anywhere and are served by their own worker; nothing is shared.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { Host } from "./lib/host.mjs";
import { connect, call, textOf, lines } from "./lib/clients.mjs";
import { Chat } from "./lib/chat.mjs";

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

// The kernel spreads connections over the workers, so some chats are relayed to their person's worker and some are not.
test("chats come back to their conversation whichever worker the new connection lands on", async () => {
  await Promise.all(host.ready.credentials.map(async (person) => {
    let chat = await Chat.as(host, person);
    assert.equal(chat.session.user.name, person.name);
    for (let round = 0; round < 6; round++) {
      const { turn } = await chat.ask("my tasks");
      const back = await chat.lose();
      chat.check();
      chat = await Chat.as(host, person, back);
      assert.ok(chat.session.resumed && chat.session.replayed);
      assert.equal(chat.session.user.name, person.name);
      const { events } = await chat.request({ type: "history" });
      const told = events.some((one) => one.type === "answer" && one.turn === turn); // before the connection was lost
      if (!told) assert.equal((await chat.ending(turn)).type, "answer");
    }
    const joined = await Chat.as(host, person, { join: true });
    assert.equal(joined.session.connections, 2);
    chat.send({ type: "sign_out" });
    assert.equal((await joined.closed).code, 1000);
    assert.equal((await chat.closed).code, 1000);
    chat.check();
    joined.check();
  }));
});
