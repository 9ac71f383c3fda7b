// Authorization: the resource server's duties (documents, challenges, verification of tokens), every refusal, and the whole
// OAuth flow of the official clients against a real authorization server.
import { test, describe, before, after } from "node:test";
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as Http1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Client as Client2, StreamableHTTPClientTransport as Http2 } from "@modelcontextprotocol/client";
import { Host, until } from "./lib/host.mjs";
import { call, textOf } from "./lib/clients.mjs";
import { Issuer, Key, TokenApi, startProvider, browse, freePort, unsigned, hmac } from "./lib/issuer.mjs";

const reads = ["users", "tasks", "processes", "templates", "forms", "automation"].map((domain) => `mcp.${domain}.read`);
const writes = reads.map((scope) => scope.replace("read", "write"));
const initialize = { jsonrpc: "2.0", id: 0, method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "talk", version: "1" } } };
const meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} };

// A practice organisation of its own, and an API before it that knows tokens.
let practice, api, ann, bob;
before(async () => {
  practice = await Host.start({ record: false });
  ann = practice.person("admin");
  bob = practice.ready.credentials.find((one) => one.org_id !== ann.org_id);
  api = await TokenApi.start(practice.ready.practice, practice.ready.credentials);
});
after(async () => { api.close(); await practice.stop(); });

async function startHost(settings, options = {}) {
  const port = await freePort();
  const env = { TALLYHOST_TALLYFY_BASE_URL: api.url, TALLYHOST_TALLYFY_PLAIN_HTTP: "true", TALLYHOST_AUTH_PLAIN_HTTP: "true",
    TALLYHOST_MCP_RESOURCE_URL: `http://127.0.0.1:${port}/mcp`, ...settings };
  return Host.start({ practice: false, record: false, flags: ["--mcp", `127.0.0.1:${port}`], env, ...options });
}

async function post(host, token, message = initialize, headers = {}) {
  const modern = message.params?._meta ? { "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": message.method,
    ...(message.params.name ? { "Mcp-Name": message.params.name } : {}) } : {};
  return fetch(host.mcp, { method: "POST", body: JSON.stringify(message), headers: {
    "Content-Type": "application/json", Accept: "application/json, text/event-stream",
    ...(token ? { Authorization: `Bearer ${token}` } : {}), ...modern, ...headers } });
}

// The parameters of a Bearer challenge.
function challengeOf(answer) {
  const header = answer.headers.get("www-authenticate");
  assert.match(header ?? "", /^Bearer /);
  return Object.fromEntries([...header.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value]));
}

describe("tokens of a configured issuer", () => {
  let issuer, host, resource;
  before(async () => {
    issuer = await Issuer.start();
    host = await startHost({ TALLYHOST_AUTH_MODE: "tokens", TALLYHOST_AUTH_ISSUER: issuer.url, TALLYHOST_AUTH_AUDIENCE: "mcp-host 1",
      TALLYHOST_AUTH_KEY_PAUSE: "10ms" });
    resource = host.mcp;
  });
  after(async () => { await host.stop(); issuer.close(); });

  const good = (more = {}) => issuer.claims({ sub: ann.name, org_id: ann.org_id, aud: resource, ...more });
  const metadataOf = () => resource.replace("/mcp", "/.well-known/oauth-protected-resource/mcp");

  test("the documents of RFC 9728 are there for anybody's page", async () => {
    for (const path of ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"]) {
      const answer = await fetch(new URL(path, resource), { headers: { Origin: "https://anybody.example" } });
      assert.equal(answer.status, 200);
      assert.match(answer.headers.get("content-type"), /^application\/json/);
      assert.equal(answer.headers.get("access-control-allow-origin"), "*");
      assert.deepEqual(await answer.json(), { resource, authorization_servers: [issuer.url], scopes_supported: reads,
        bearer_methods_supported: ["header"], resource_name: "Tallyfy" });
    }
    const preflight = await fetch(metadataOf(), { method: "OPTIONS", headers: { Origin: "https://anybody.example",
      "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "mcp-protocol-version" } });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get("access-control-allow-headers"), /mcp-protocol-version/i);
    const post = await fetch(metadataOf(), { method: "POST", body: "{}" });
    assert.equal(post.status, 405);
  });

  test("the issuer's own metadata are handed on", async () => {
    for (const path of ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]) {
      const answer = await fetch(new URL(path, resource), { headers: { Origin: "https://anybody.example" } });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("access-control-allow-origin"), "*");
      assert.equal((await answer.json()).issuer, issuer.url);
    }
  });

  test("without a credential: 401, where to sign in, for what, and no error", async () => {
    for (const headers of [{}, { Authorization: "Basic YTpi" }, { Authorization: "Bearer " }]) {
      const answer = await post(host, undefined, initialize, headers);
      assert.equal(answer.status, 401);
      const challenge = challengeOf(answer);
      assert.equal(challenge.resource_metadata, metadataOf());
      assert.equal(challenge.scope, reads.join(" "));
      assert.equal(challenge.error, undefined);
      const body = await answer.json();
      assert.match(body.error_description, /oauth-protected-resource/);
      assert.equal(body._meta["mcp/www_authenticate"].resource_metadata, metadataOf());
    }
  });

  test("a token anywhere but in the header counts for nothing", async () => {
    const token = issuer.key.sign(good());
    const answer = await fetch(`${host.mcp}?access_token=${token}&token=${token}`, { method: "POST", body: JSON.stringify(initialize),
      headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream" } });
    assert.equal(answer.status, 401);
  });

  test("two credentials, or two organisations, are 400", async () => {
    const token = issuer.key.sign(good({ org_id: undefined }));
    const answer = await post(host, token, initialize, { "X-Org-Id": "a", "X-Organization-ID": "b" });
    assert.equal(answer.status, 400);
    assert.equal((await answer.json()).error, "invalid_request");
    const other = await post(host, issuer.key.sign(good()), initialize, { "X-Org-Id": bob.org_id });
    assert.equal(other.status, 400);
  });

  test("every bad token is 401 invalid_token, on every method, before anything of the protocol", async () => {
    const stranger = new Key(issuer.key.kid);
    const whole = issuer.key.sign(good());
    const [header, , signature] = whole.split(".");
    const bad = {
      "no algorithm": unsigned(good()),
      "HMAC with the public key as secret": hmac(good(), issuer.key.pem, issuer.key.kid),
      "another's signature": stranger.sign(good()),
      "an unknown key": new Key("k9").sign(good()),
      "a key it brings along": stranger.sign(good(), { jwk: stranger.jwk, jku: "http://127.0.0.1:1/jwks" }),
      "changed claims": `${header}.${Buffer.from(JSON.stringify(good({ sub: bob.name }))).toString("base64url")}.${signature}`,
      "a cut signature": whole.slice(0, -8),
      expired: issuer.key.sign(good({ exp: Math.floor(Date.now() / 1000) - 61 })),
      "without an expiry": issuer.key.sign({ ...good(), exp: undefined }),
      "not valid yet": issuer.key.sign(good({ nbf: Math.floor(Date.now() / 1000) + 300 })),
      "another audience": issuer.key.sign(good({ aud: "https://other.example/mcp" })),
      "no audience": issuer.key.sign(good({ aud: undefined })),
      "another issuer": issuer.key.sign(good({ iss: "https://evil.example" })),
      "an extension it demands": issuer.key.sign(good(), { crit: ["x"], x: 1 }),
      "a logout token": issuer.key.sign(good(), { typ: "logout+jwt" }),
      "over 8 KB": issuer.key.sign(good({ x: "x".repeat(6200) })),
      "a personal key": ann.api_key,
    };
    const before = api.seen.length;
    for (const [what, token] of Object.entries(bad)) {
      for (const method of ["POST", "GET", "DELETE"]) {
        const answer = await fetch(host.mcp, { method, headers: { Authorization: `Bearer ${token}`, "Mcp-Session-Id": "x" },
          body: method === "POST" ? "this is not JSON" : undefined });
        if (what === "over 8 KB" && answer.status === 431) continue; // the front's limit for one field is the same size
        assert.equal(answer.status, 401, `${what}, ${method}`);
        const challenge = challengeOf(answer);
        assert.equal(challenge.error, "invalid_token", what);
        assert.ok(challenge.error_description, what);
        assert.equal(challenge.resource_metadata, metadataOf(), what);
        const text = await answer.text();
        assert.doesNotMatch(text, /jsonrpc/, what);
        assert.ok(!text.includes(token.slice(0, 20)), what);
      }
    }
    assert.equal(api.seen.length, before, "none of them reached the API");
    assert.doesNotMatch(host.log, /eyJ[\w-]{20}/);
  });

  test("good tokens: audience as URL, as mcp_resource, as client id; with and without iss", async () => {
    for (const more of [{}, { aud: [resource] }, { aud: 7, mcp_resource: "mcp-host" }, { aud: 1 }, { iss: undefined },
      { exp: Date.now() / 1000 + 600.5 }, { nbf: Math.floor(Date.now() / 1000) + 30 }]) {
      const answer = await post(host, issuer.key.sign(good(more)));
      assert.equal(answer.status, 200, JSON.stringify(more) + (await answer.clone().text()));
    }
  });

  test("a good token of somebody the API does not know is 401, of a foreign organisation 403", async () => {
    assert.equal((await post(host, issuer.key.sign(good({ sub: "Nobody" })))).status, 401);
    const foreign = await post(host, issuer.key.sign(good({ org_id: bob.org_id })));
    assert.equal(foreign.status, 403);
    assert.equal((await post(host, issuer.key.sign(good({ org_id: undefined })))).status, 400);
  });

  test("a missing scope is 403 with the scope, before anything runs; clients of 2025-11-25 keep what they had", async () => {
    const run = { id: 1, jsonrpc: "2.0", method: "tools/call", params: { name: "reopen_task", arguments: {} } };
    const token = issuer.key.sign(good({ scope: "openid mcp.tasks.read offline_access" }));
    const before = () => api.seen.length;

    const modern = await post(host, token, { ...run, params: { ...run.params, _meta: meta } });
    assert.equal(modern.status, 403);
    const challenge = challengeOf(modern);
    assert.equal(challenge.error, "insufficient_scope");
    assert.equal(challenge.scope, "mcp.tasks.write");
    assert.equal(challenge.resource_metadata, metadataOf());
    assert.match(challenge.error_description, /reopen_task/);

    const opened = await post(host, token);
    const session = opened.headers.get("mcp-session-id");
    await opened.text();
    const seen = before();
    const legacy = await post(host, token, run, { "Mcp-Session-Id": session });
    assert.equal(legacy.status, 403);
    assert.equal(challengeOf(legacy).scope, "mcp.tasks.read mcp.tasks.write");
    assert.match((await legacy.json()).error_description, /mcp\.tasks\.write/);
    assert.equal(before(), seen, "nothing was asked of the API");
    const allowed = await post(host, token, { ...run, params: { name: "get_my_tasks", arguments: {} } }, { "Mcp-Session-Id": session });
    assert.equal(allowed.status, 200);
    assert.doesNotMatch(await allowed.text(), /"isError":true/);

    // Writing includes reading; the list shows what may be used.
    const writer = issuer.key.sign(good({ mcp_scopes: ["mcp.tasks.write"] }));
    const list = await post(host, writer, { jsonrpc: "2.0", id: 2, method: "tools/list", params: { _meta: meta } });
    const names = (await list.json()).result.tools.map((tool) => tool.name);
    assert.ok(names.includes("get_my_tasks") && names.includes("reopen_task") && !names.includes("get_all_templates"));
  });

  test("a session, and a remembered token, belong to who opened it", async () => {
    const mine = await post(host, issuer.key.sign(good()));
    const session = mine.headers.get("mcp-session-id");
    const list = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };
    const theirs = issuer.key.sign(good({ sub: bob.name, org_id: bob.org_id }));
    assert.equal((await post(host, theirs, list, { "Mcp-Session-Id": session })).status, 404);
    assert.equal((await post(host, undefined, list, { "Mcp-Session-Id": session })).status, 401);
    /* A newer token of the same person is as good. */
    assert.equal((await post(host, issuer.key.sign(good()), list, { "Mcp-Session-Id": session })).status, 200);
  });

  test("rotation: a new key is found by its first token, the old one's tokens live on", async () => {
    const old = issuer.keys[0];
    issuer.keys = [new Key("k2")];
    await until(async () => (await post(host, issuer.key.sign(good()))).status === 200, "the new key to be fetched");
    assert.equal((await post(host, old.sign(good()))).status, 200);
  });
});

describe("an issuer in trouble", () => {
  test("503 while its keys are not to be had, and well again afterwards", async () => {
    const issuer = await Issuer.start();
    const host = await startHost({ TALLYHOST_AUTH_MODE: "tokens", TALLYHOST_AUTH_ISSUER: issuer.url, TALLYHOST_AUTH_KEY_PAUSE: "10ms" });
    const token = issuer.key.sign(issuer.claims({ sub: ann.name, org_id: ann.org_id, aud: host.mcp }));
    issuer.broken = true;
    const answer = await post(host, token);
    assert.equal(answer.status, 503);
    assert.ok(answer.headers.get("retry-after"));
    assert.equal((await fetch(new URL("/.well-known/oauth-authorization-server", host.mcp))).status, 502);
    issuer.broken = false;
    await until(async () => (await post(host, token)).status === 200, "the keys to be fetched again");
    await host.stop();
    issuer.close();
  });

  test("unknown key ids make it fetch once in a pause, however many come", async () => {
    const issuer = await Issuer.start();
    const host = await startHost({ TALLYHOST_AUTH_MODE: "tokens", TALLYHOST_AUTH_ISSUER: issuer.url });
    const claims = issuer.claims({ sub: ann.name, org_id: ann.org_id, aud: host.mcp });
    assert.equal((await post(host, issuer.key.sign(claims))).status, 200);
    const forged = new Key("made-up");
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(host, forged.sign({ ...claims, jti: String(Math.random()) }))));
    assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [401]);
    assert.equal(issuer.fetches, 1);
    await host.stop();
    issuer.close();
  });
});

describe("other ways of setting it up", () => {
  test("both: keys and tokens side by side, and a bad token is not taken for a key", async () => {
    const issuer = await Issuer.start();
    const host = await startHost({ TALLYHOST_AUTH_MODE: "both", TALLYHOST_AUTH_ISSUER: issuer.url, TALLYHOST_WORKER_COUNT: "2" });
    const claims = issuer.claims({ sub: ann.name, org_id: ann.org_id, aud: host.mcp });
    assert.equal((await post(host, issuer.key.sign(claims))).status, 200);
    assert.equal((await post(host, ann.api_key, initialize, { "X-Tallyfy-Org-Id": ann.org_id })).status, 200);
    assert.equal((await post(host, unsigned(claims))).status, 401);
    assert.equal((await post(host, "no-key-of-anybody", initialize, { "X-Tallyfy-Org-Id": ann.org_id })).status, 401);
    await host.stop();
    issuer.close();
  });

  test("a pinned key: nothing is fetched, another key's tokens are refused", async () => {
    const issuer = await Issuer.start();
    const file = join(practice.directory, "issuer.pem");
    writeFileSync(file, issuer.key.pem);
    const host = await startHost({ TALLYHOST_AUTH_MODE: "tokens", TALLYHOST_AUTH_ISSUER: issuer.url, TALLYHOST_AUTH_PUBLIC_KEY: file,
      TALLYHOST_AUTH_DISCOVERY: "redirect" });
    const claims = issuer.claims({ sub: ann.name, org_id: ann.org_id, aud: host.mcp });
    assert.equal((await post(host, issuer.key.sign(claims))).status, 200);
    assert.equal((await post(host, new Key("k2").sign(claims))).status, 401);
    assert.equal(issuer.fetches, 0);
    const pointed = await fetch(new URL("/.well-known/oauth-authorization-server", host.mcp), { redirect: "manual" });
    assert.equal(pointed.status, 307);
    assert.equal(pointed.headers.get("location"), `${issuer.url}/.well-known/oauth-authorization-server`);
    await host.stop();
    issuer.close();
  });

  test("keys only: no promise of OAuth", async () => {
    for (const path of ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp",
      "/.well-known/oauth-authorization-server"]) {
      const answer = await fetch(new URL(path, practice.direct));
      assert.equal(answer.status, 404);
      assert.equal((await answer.json()).error, "not_found");
    }
    const refused = await fetch(practice.direct, { method: "POST", body: "{}" });
    assert.equal(refused.status, 401);
    assert.equal(challengeOf(refused).resource_metadata, undefined);
  });

  test("settings that would accept anybody's tokens stop the start", async () => {
    const start = (env) => Host.start({ practice: false, record: false, env: { TALLYHOST_AUTH_MODE: "tokens", ...env } });
    await assert.rejects(start({}), /auth\.issuer/);
    await assert.rejects(start({ TALLYHOST_AUTH_ISSUER: "https://login.example" }), /auth\.audience/);
    await assert.rejects(start({ TALLYHOST_AUTH_ISSUER: "http://login.example", TALLYHOST_AUTH_AUDIENCE: "x",
      TALLYHOST_AUTH_PLAIN_HTTP: "true" }), /https/);
    await assert.rejects(start({ TALLYHOST_AUTH_ISSUER: "https://login.example", TALLYHOST_AUTH_AUDIENCE: "x",
      TALLYHOST_AUTH_PUBLIC_KEY: "/nonexistent.pem" }), /nonexistent\.pem/);
  });
});

// What an MCP client's host application keeps for it. The person's browser is `browse`.
class Application {
  constructor() { this.asked = []; }
  get redirectUrl() { return "https://client.example/callback"; }
  get clientMetadata() {
    return { client_name: "talk", redirect_uris: [this.redirectUrl], grant_types: ["authorization_code"],
      response_types: ["code"], token_endpoint_auth_method: "none" };
  }
  clientInformation() { return this.information; }
  saveClientInformation(information) { this.information = information; }
  tokens() { return this.saved; }
  saveTokens(tokens) { this.saved = tokens; }
  redirectToAuthorization(url) { this.asked.push(url); }
  saveCodeVerifier(verifier) { this.verifier = verifier; }
  codeVerifier() { return this.verifier; }
  discoveryState() { return this.discovery; }
  saveDiscoveryState(state) { this.discovery = state; }

  // The person signs in and agrees; the code comes back.
  async code() {
    const end = await browse(this.asked.at(-1), this.redirectUrl);
    assert.equal(end.searchParams.get("error"), null, end.href);
    return end.searchParams;
  }
}

const versions = {
  "1": { make: () => new Client1({ name: "talk", version: "1" }), Transport: Http1 },
  "2-modern": { make: () => new Client2({ name: "talk", version: "1" }, { versionNegotiation: { mode: { pin: "2026-07-28" } } }),
    Transport: Http2 },
};

describe("the whole flow against a real authorization server", () => {
  let provider, host;
  before(async () => {
    provider = await startProvider({ person: ann, scopes: [...reads, ...writes] });
    host = await startHost({ TALLYHOST_AUTH_MODE: "tokens", TALLYHOST_AUTH_ISSUER: provider.url, TALLYHOST_AUTH_JWKS_URI: `${provider.url}/jwks` });
  });
  after(async () => { await host.stop(); provider.close(); });

  for (const [line, { make, Transport }] of Object.entries(versions)) {
    test(`SDK line ${line}: discovers, registers, signs in with PKCE for this resource, and asks for more when needed`, async () => {
      const application = new Application();
      const open = () => new Transport(new URL(host.mcp), { authProvider: application });
      const finish = async (transport) => {
        const parameters = await application.code();
        await transport.finishAuth(line === "1" ? parameters.get("code") : parameters);
      };
      let transport = open();
      await assert.rejects(make().connect(transport), /[Uu]nauthorized/);
      const asked = application.asked[0].searchParams;
      assert.equal(asked.get("resource"), host.mcp);
      assert.equal(asked.get("code_challenge_method"), "S256");
      assert.equal(asked.get("scope"), reads.join(" "));
      await finish(transport);

      transport = open();
      const client = make();
      await client.connect(transport);
      const tasks = await call(client, "get_my_tasks");
      assert.ok(!tasks.isError, textOf(tasks));
      const me = await call(client, "get_me");
      assert.match(textOf(me), new RegExp(ann.name));

      const create = () => call(client, "create_standalone_task", { title: `By OAuth ${line}`, deadline: "2027-02-01T10:00:00Z",
        user_emails: [me.structuredContent.email] });
      await assert.rejects(create(), /[Uu]nauthorized/);
      const more = application.asked.at(-1).searchParams.get("scope").split(" ");
      assert.ok(more.includes("mcp.tasks.write"), String(more));
      assert.ok(more.includes("mcp.users.read"), String(more)); // and still what it had
      await finish(transport);
      const created = await create();
      assert.ok(!created.isError, textOf(created));
      await client.close();
    });
  }
});
