// wire.mjs - one conversation with the host: what the client sent is remembered, what the host sent is held against the
// schema of the revision spoken. Transports feed it (recorder.mjs for HTTP, clients.mjs for pipes and sockets).
import { schemaOf, revisions } from "./schemas.mjs";

export const versionKey = "io.modelcontextprotocol/protocolVersion";
const tasksExtension = "tasks/";

// The tasks extension has no schema file; this is its shape by requirements.md (g).
function taskFaults(task, detailed) {
  const faults = [];
  const expect = (good, what) => { if (!good) faults.push(`task: ${what}`); };
  const known = ["resultType", "taskId", "status", "statusMessage", "createdAt", "lastUpdatedAt", "ttlMs", "pollIntervalMs",
    "_meta",
    ...(detailed ? ["result", "error", "inputRequests"] : [])];
  for (const key of Object.keys(task)) expect(known.includes(key), `unknown field ${key}`);
  expect(typeof task.taskId === "string" && task.taskId.length >= 20, "taskId is no long string");
  expect(["working", "input_required", "completed", "failed", "cancelled"].includes(task.status), `status ${task.status}`);
  for (const key of ["createdAt", "lastUpdatedAt"]) expect(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(task[key]),
    `${key} ${task[key]}`);
  expect(task.ttlMs === null || (Number.isInteger(task.ttlMs) && task.ttlMs > 0), `ttlMs ${task.ttlMs}`);
  expect(task.pollIntervalMs === undefined || (Number.isInteger(task.pollIntervalMs) && task.pollIntervalMs > 0), "pollIntervalMs");
  if (detailed) {
    expect((task.status === "completed") === ("result" in task), "a result exactly when completed");
    expect((task.status === "failed") === ("error" in task), "an error exactly when failed");
    expect((task.status === "input_required") === ("inputRequests" in task), "questions exactly when input is required");
  }
  return faults;
}

export class Conversation {
  constructor(report, revision) {
    this.report = report; // (revision, message, faults)
    this.revision = revision; // until an initialize result says otherwise
    this.methods = new Map(); // of the client's requests, by type and text of the id
    this.count = 0;
  }

  static key(id) { return `${typeof id} ${id}`; }

  sent(message) {
    for (const one of Array.isArray(message) ? message : [message]) {
      if (!one || typeof one !== "object") continue;
      const named = one.params?._meta?.[versionKey];
      if (one.method && one.id !== undefined) this.methods.set(Conversation.key(one.id), { method: one.method,
        modern: named !== undefined });
    }
  }

  received(message) {
    if (Array.isArray(message)) {
      if (this.revision !== "2025-03-26") this.report(this.revision, message, ["an array of messages"]);
      for (const one of message) this.received(one);
      return;
    }
    this.count++;
    const asked = this.methods.get(Conversation.key(message.id));
    if (asked?.method === "initialize" && !asked.modern && message.result) this.revision = message.result.protocolVersion;
    const subscribed = message.params?._meta?.["io.modelcontextprotocol/subscriptionId"] !== undefined;
    const revision = asked?.modern || subscribed ? "2026-07-28" : this.revision;
    if (!revisions.includes(revision)) return this.report(revision, message, [`no such revision: ${revision}`]);
    const faults = this.faults(schemaOf(revision), message, asked?.method);
    if (faults.length > 0) this.report(revision, message, faults);
  }

  faults(schema, message, method) {
    if (!message || typeof message !== "object" || message.jsonrpc !== "2.0") return ["no JSON-RPC 2.0 message"];
    if (message.method !== undefined) return this.ofMethod(schema, message);
    if (message.error !== undefined) return this.ofError(schema, message);
    if (message.result === undefined) return ["neither method, result nor error"];
    if (method === undefined) return ["answers no request of the client"];
    const envelope = schema.faults(schema.definitions.JSONRPCResultResponse ? "JSONRPCResultResponse" : "JSONRPCResponse",
      { ...message, result: schema.revision === "2026-07-28" ? { resultType: message.result.resultType } : {} });
    return [...envelope, ...this.ofResult(schema, message.result, method)];
  }

  ofMethod(schema, message) {
    const request = message.id !== undefined;
    if (request && schema.revision === "2026-07-28") return ["a request from the host"];
    if (message.method === "notifications/tasks" && schema.revision === "2026-07-28") return taskFaults(message.params, true);
    const name = schema.ofMethod.get(message.method);
    if (!name) return [`${message.method} is not of this revision`];
    const { properties } = schema.definitions[name];
    const inner = { ...message };
    for (const key of ["jsonrpc", "id"]) if (!properties[key]) delete inner[key];
    if (message.method === "notifications/subscriptions/acknowledged") delete inner.params?.notifications?.taskIds; // an extension's
    return schema.faults(name, inner);
  }

  ofError(schema, message) {
    const unread = message.id === undefined || message.id === null; // what could not be read has no id to repeat
    if (message.id === null && schema.revision >= "2025-11-25") return ["the id of an error is null"];
    const copy = unread ? { ...message, id: 0 } : message;
    const special = schema.ofError.get(message.error.code);
    const name = special ?? (schema.definitions.JSONRPCErrorResponse ? "JSONRPCErrorResponse" : "JSONRPCError");
    const faults = schema.faults(name, copy);
    const modern = schema.revision === "2026-07-28";
    const { code } = message.error;
    if (modern && (code === -32002 || code === -32042)) faults.push(`${code} is gone from this revision`);
    if (!modern && code <= -32020 && code >= -32099 && code !== -32042) faults.push(`${code} is not of this revision`);
    if (code === -32042 && schema.revision !== "2025-11-25") faults.push("-32042 is of 2025-11-25 only");
    return faults;
  }

  ofResult(schema, result, method) {
    const modern = schema.revision === "2026-07-28";
    if (modern && method.startsWith(tasksExtension)) {
      if (method === "tasks/get") return taskFaults(result, true);
      return Object.keys(result).every((key) => key === "resultType" || key === "_meta") && result.resultType === "complete"
        ? [] : ["the acknowledgement says more than `complete`"];
    }
    if (modern && result.resultType === "task") return taskFaults(result, false);
    if (modern && result.resultType === "input_required") return schema.faults("InputRequiredResult", result);
    const name = schema.ofMethod.get(method)?.replace(/Request$/, "Result");
    if (name && schema.definitions[name]) return schema.faults(name, result);
    const faults = schema.faults("EmptyResult", result);
    if (!modern && Object.keys(result).length > 0) faults.push(`the result of ${method} must be {}`);
    return faults;
  }
}

// Collects what was wrong in all conversations of a talk.
export class Record {
  constructor() { this.problems = []; this.conversations = []; }

  conversation(revision) {
    const one = new Conversation((spoken, message, faults) => this.problems.push(
      `${spoken}: ${faults.join("; ")}\n    ${JSON.stringify(message).slice(0, 1500)}`), revision);
    this.conversations.push(one);
    return one;
  }

  get count() { return this.conversations.reduce((sum, one) => sum + one.count, 0); }

  check() {
    if (this.problems.length === 0) return;
    const shown = this.problems.slice(0, 10).join("\n  ");
    throw new Error(`${this.problems.length} messages of the host do not fit the schema of their revision:\n  ${shown}`);
  }
}
