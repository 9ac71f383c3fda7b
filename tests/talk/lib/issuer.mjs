// issuer.mjs - authorization servers for talks: a bare one that signs whatever it is told to, a whole one (oidc-provider) with
// registration, PKCE and resource indicators; and an API in front of the practice organisation that knows their tokens.
import http from "node:http";
import net from "node:net";
import { createHmac, generateKeyPairSync, sign, randomUUID } from "node:crypto";
import Provider from "oidc-provider";
import { Upstream } from "./upstream.mjs";

const encode = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

export async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class Key {
  constructor(kid) {
    Object.assign(this, generateKeyPairSync("rsa", { modulusLength: 2048 }), { kid });
  }
  get jwk() { return { ...this.publicKey.export({ format: "jwk" }), kid: this.kid, use: "sig", alg: "RS256" }; }
  get privateJwk() { return { ...this.privateKey.export({ format: "jwk" }), kid: this.kid, use: "sig", alg: "RS256" }; }
  get pem() { return this.publicKey.export({ format: "pem", type: "spki" }); }

  sign(claims, header = {}) {
    const body = `${encode({ alg: "RS256", typ: "JWT", kid: this.kid, ...header })}.${encode(claims)}`;
    return `${body}.${sign("sha256", Buffer.from(body), this.privateKey).toString("base64url")}`;
  }
}

export function unsigned(claims) { return `${encode({ alg: "none" })}.${encode(claims)}.`; }

export function hmac(claims, secret, kid) {
  const body = `${encode({ alg: "HS256", kid })}.${encode(claims)}`;
  return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`;
}

// Serves keys and metadata; signs by `issuer.key.sign(issuer.claims({...}))`.
export class Issuer {
  static async start() {
    const issuer = new Issuer();
    issuer.keys = [new Key("k1")];
    issuer.fetches = 0;
    issuer.broken = false;
    issuer.server = http.createServer((request, response) => {
      const answer = (status, body) => response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
      if (issuer.broken) return answer(503, {});
      if (request.url === "/.well-known/jwks.json") {
        issuer.fetches++;
        return answer(200, { keys: issuer.keys.map((key) => key.jwk) });
      }
      if (request.url === "/.well-known/oauth-authorization-server")
        return answer(200, { issuer: issuer.url, authorization_endpoint: `${issuer.url}/a`, token_endpoint: `${issuer.url}/t`,
          response_types_supported: ["code"] });
      return answer(404, {});
    });
    await new Promise((resolve) => issuer.server.listen(0, "127.0.0.1", resolve));
    issuer.url = `http://127.0.0.1:${issuer.server.address().port}`;
    return issuer;
  }

  get key() { return this.keys[this.keys.length - 1]; }

  claims(more = {}) {
    return { iss: this.url, exp: Math.floor(Date.now() / 1000) + 600, jti: randomUUID(), ...more };
  }

  close() { this.server.close(); this.server.closeAllConnections(); }
}

// The API: tokens carry the name of a practice person as `sub`, and work as that person's key.
export class TokenApi extends Upstream {
  static async start(practice, credentials) {
    const api = await Upstream.start(practice);
    Object.setPrototypeOf(api, TokenApi.prototype);
    return Object.assign(api, { credentials, seen: [] });
  }

  take(request, response) {
    const token = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
    this.seen.push(token);
    if (token.startsWith("eyJ")) {
      const { sub } = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
      const person = this.credentials.find((one) => one.name === sub);
      request.headers.authorization = `Bearer ${person?.api_key ?? "nobody"}`;
    }
    super.take(request, response);
  }
}

// A whole authorization server. People sign in at once as <person>, and agree to every scope that is asked for.
export async function startProvider({ person, scopes }) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const key = new Key("provider");
  const provider = new Provider(url, {
    scopes,
    jwks: { keys: [key.privateJwk] },
    cookies: { keys: ["talk"] },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (ctx, resource) => ({ scope: scopes.join(" "), audience: resource, accessTokenTTL: 600,
          accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } } }),
        useGrantedResource: () => true,
      },
    },
    extraTokenClaims: () => ({ org_id: person.org_id }),
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope(ctx.oidc.params.scope ?? "");
      for (const resource of [ctx.oidc.params.resource].flat()) grant.addResourceScope(resource, ctx.oidc.params.scope ?? "");
      await grant.save();
      return grant;
    },
  });
  // A client is not bound to the scopes it happened to register with: it may ask for more later.
  provider.use(async (ctx, next) => {
    if (ctx.path === "/reg" && ctx.method === "POST") {
      const parts = [];
      for await (const part of ctx.req) parts.push(part);
      ctx.req.body = { ...JSON.parse(Buffer.concat(parts)), scope: undefined };
    }
    await next();
  });
  const handle = provider.callback();
  const server = http.createServer((request, response) => {
    if (request.url.startsWith("/interaction/"))
      return provider.interactionFinished(request, response, { login: { accountId: person.name } });
    return handle(request, response);
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { url, key, close() { server.close(); server.closeAllConnections(); } };
}

// What a browser does with an authorization URL: follows, keeps cookies, and stops at the client's own address.
export async function browse(url, end) {
  const cookies = new Map();
  for (let at = new URL(url), hops = 0; hops < 10; hops++) {
    if (at.href.startsWith(end)) return at;
    const answer = await fetch(at, { redirect: "manual", headers: { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    const next = answer.headers.get("location");
    if (!next) throw new Error(`${at} answered ${answer.status}: ${await answer.text()}`);
    at = new URL(next, at);
  }
  throw new Error("too many redirects");
}
