// office_log.mjs - what the practice organisation says it was sent, and the comparison with what a tool should send. The
// form of an expected request is in tests/talk/README.md.
import assert from "node:assert/strict";

// Every place of <value> where it is exactly <id>, or has it in a path, says {org} instead.
function hideOrg(value, id) {
  if (typeof value === "string") return value.replaceAll(id, "{org}");
  if (Array.isArray(value)) return value.map((one) => hideOrg(one, id));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, hideOrg(one, id)]));
  return value;
}

// The parts of a multipart body by name, a file as { filename, type, text }: the boundary is another one each time.
function partsOf(body) {
  const boundary = typeof body === "string" && /^--[^\r\n]+/.exec(body)?.[0];
  if (!boundary) return body;
  const parts = {};
  for (const part of body.split(boundary).slice(1, -1)) {
    const [, head, text] = /^\r\n([^]*?)\r\n\r\n([^]*)\r\n$/.exec(part);
    const about = (key) => new RegExp(`\\b${key}="([^"]*)"`).exec(head)?.[1];
    const filename = about("filename");
    parts[about("name")] = filename === undefined ? text : { filename, type: /Content-Type: (.*)/.exec(head)?.[1], text };
  }
  return parts;
}

export class OfficeLog {
  constructor(host, orgId) {
    this.host = host;
    this.orgId = orgId;
  }

  async clear() {
    const answer = await fetch(`${this.host.ready.practice}/practice/requests`, { method: "DELETE" });
    assert.ok(answer.ok, `the log of the practice organisation: ${answer.status}`);
  }

  // Every request since clear() that was not a GET, in order: { method, path, body?, status? }. The query belongs to the
  // path; a status is there where the request was refused.
  async writes() {
    const rows = (await this.host.requests()).filter((row) => row.method !== "GET");
    return rows.map((row) => ({
      method: row.method,
      path: hideOrg(row.path + (row.query ? `?${row.query}` : ""), this.orgId),
      ...(row.body === null ? {} : { body: hideOrg(partsOf(row.body), this.orgId) }),
      ...(row.status < 300 ? {} : { status: row.status }),
    }));
  }
}

function child(where, key) {
  return where ? `${where}.${key}` : String(key);
}

// "*": something is there; "~text": a text that contains it; an object with the key "*" may have more keys than it names;
// the rest is equal to the last key.
function differences(found, wanted, where = "") {
  if (wanted === "*") return found === undefined || found === null ? [`${where} is missing`] : [];
  if (typeof wanted === "string" && wanted.startsWith("~")) {
    return typeof found === "string" && found.includes(wanted.slice(1)) ? [] : [`${where} lacks "${wanted.slice(1)}"`];
  }
  const both = [found, wanted];
  if (both.every((one) => one && typeof one === "object") && Array.isArray(found) === Array.isArray(wanted)) {
    const keys = new Set(both.flatMap((one) => Object.keys(one)));
    const more = keys.delete("*");
    return [...keys].flatMap((key) => {
      if (!Object.hasOwn(found, key)) return [`${child(where, key)} is missing`];
      if (!Object.hasOwn(wanted, key)) return more ? [] : [`${child(where, key)} is too much`];
      return differences(found[key], wanted[key], child(where, key));
    });
  }
  return Object.is(found, wanted) ? [] : [`${where} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`];
}

// A segment of a path may be "*", too.
function differencesOfPath(found, wanted) {
  const [a, b] = [found.split("/"), wanted.split("/")];
  const same = a.length === b.length && b.every((part, index) => (part === "*" ? a[index] !== "" : part === a[index]));
  return same ? [] : [`path is ${found}, not ${wanted}`];
}

export function compareWire(found, wanted, tool) {
  const wrong = [];
  for (let index = 0; index < Math.max(found.length, wanted.length); index++) {
    if (!found[index] || !wanted[index]) {
      wrong.push(found[index] ? `request ${index} is too much` : `request ${index} was not sent`);
      continue;
    }
    const { path, ...rest } = found[index], { path: wantedPath, ...wantedRest } = wanted[index];
    wrong.push(...differencesOfPath(path, wantedPath), ...differences(rest, wantedRest, `request ${index}`));
  }
  assert.deepEqual(wrong, [], `${tool} sent ${JSON.stringify(found, null, 1)}`);
}
