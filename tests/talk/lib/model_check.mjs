// model_check.mjs - whether the real APIs would take a request: what they are known to refuse with a 400 is refused here.
// Each check throws Wrong; the exported functions give { status, message }, or undefined when all is well.

class Wrong extends Error {
  constructor(message, status = 400) {
    super(message);
    this.status = status;
  }
}

function need(condition, message, status = 400) {
  if (!condition) throw new Wrong(message, status);
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

function onlyFields(object, fields, place) {
  need(isObject(object), `${place}: Input should be an object`);
  for (const name of Object.keys(object)) need(fields.includes(name), `${place}.${name}: Extra inputs are not permitted`);
}

function parse(raw) {
  try {
    return JSON.parse(raw);
  } catch (error) {
    throw new Wrong(`The request body is not valid JSON: ${error.message}`);
  }
}

function outcome(check) {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { status: error.status, message: error.message };
  }
}

// Signed thinking that was given out: it must come back as it was.
export class Signatures {
  constructor() {
    this.given = new Map();
  }

  keep(blocks) {
    for (const block of blocks) if (block.type === "thinking") this.given.set(block.signature, block.thinking);
  }

  fits(block) {
    return this.given.get(block.signature) === block.thinking;
  }
}

const namePattern = /^[a-zA-Z0-9_-]{1,64}$/;

function checkNames(names, place) {
  names.forEach((name, index) => {
    need(namePattern.test(name ?? ""), `${place}.${index}.name: String should match pattern '${namePattern.source}'`);
    need(names.indexOf(name) === index, `${place}: Tool names must be unique.`);
  });
}

function checkTop(schema, place, refusedWords) {
  need(isObject(schema) && schema.type === "object", `${place}.type: Input should be 'object'`);
  for (const word of refusedWords) need(!(word in schema), `${place}: input_schema does not support ${word} at the top level`);
}

// ---- Anthropic ----

const anthropicFields = ["model", "max_tokens", "messages", "system", "tools", "tool_choice", "stream", "metadata", "thinking",
  "output_config", "stop_sequences", "cache_control", "service_tier", "inference_geo", "container", "temperature", "top_p", "top_k"];

const blockFields = {
  text: ["type", "text", "cache_control", "citations"],
  tool_use: ["type", "id", "name", "input", "cache_control", "caller"],
  tool_result: ["type", "tool_use_id", "content", "is_error", "cache_control"],
  thinking: ["type", "thinking", "signature"],
  redacted_thinking: ["type", "data"],
};
const roleBlocks = { user: ["text", "tool_result"], assistant: ["text", "tool_use", "thinking", "redacted_thinking"] };

function checkBlock(block, role, place, signatures) {
  need(isObject(block) && roleBlocks[role].includes(block.type), `${place}: Input tag '${block?.type}' is not allowed for role ${role}`);
  onlyFields(block, blockFields[block.type], `${place}.${block.type}`);
  switch (block.type) {
    case "text":
      need(typeof block.text === "string" && block.text.length > 0, `${place}: text content blocks must be non-empty`);
      need(/\S/.test(block.text), `${place}: text content blocks must contain non-whitespace text`);
      return;
    case "tool_use":
      need(/^[a-zA-Z0-9_-]+$/.test(block.id ?? ""), `${place}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
      need(namePattern.test(block.name ?? ""), `${place}.tool_use.name: String should match pattern '${namePattern.source}'`);
      need(isObject(block.input), `${place}.tool_use.input: Input should be a valid dictionary`);
      return;
    case "tool_result":
      need(typeof block.tool_use_id === "string", `${place}.tool_result.tool_use_id: Field required`);
      need(block.content === undefined || typeof block.content === "string" || Array.isArray(block.content),
        `${place}.tool_result.content: Input should be a string or a list`);
      need(block.is_error === undefined || typeof block.is_error === "boolean", `${place}.tool_result.is_error: Input should be a boolean`);
      return;
    case "thinking":
      need(signatures.fits(block), `${place}: Invalid \`signature\` in \`thinking\` block`);
      return;
    default:
      need(typeof block.data === "string", `${place}.redacted_thinking.data: Field required`);
  }
}

const blocksOf = (message) => (typeof message.content === "string" ? [{ type: "text", text: message.content }] : message.content);

// Messages of one role in a row count as one.
function merged(messages) {
  const result = [];
  for (const message of messages) {
    const last = result.at(-1);
    if (last?.role === message.role) last.blocks.push(...blocksOf(message));
    else result.push({ role: message.role, blocks: [...blocksOf(message)] });
  }
  return result;
}

// Every call is answered, once, in the message behind it, before any text; nothing else is answered.
function checkPairs(messages) {
  let open = [];
  messages.forEach((message, index) => {
    const calls = message.blocks.filter((block) => block.type === "tool_use").map((block) => block.id);
    const results = message.blocks.filter((block) => block.type === "tool_result").map((block) => block.tool_use_id);
    if (message.role === "user") {
      for (const id of open) need(results.includes(id), `messages.${index - 1}: \`tool_use\` ids were found without \`tool_result\` blocks `
        + `immediately after: ${id}`);
      for (const id of results) need(open.includes(id), `messages.${index}: unexpected \`tool_use_id\` in \`tool_result\` blocks: ${id}`);
      need(new Set(results).size === results.length, `messages.${index}: each tool_use must have a single result`);
      const firstOther = message.blocks.findIndex((block) => block.type !== "tool_result");
      const lastResult = message.blocks.findLastIndex((block) => block.type === "tool_result");
      need(firstOther === -1 || lastResult < firstOther, `messages.${index}: \`tool_result\` blocks must come first`);
    }
    need(new Set(calls).size === calls.length, `messages.${index}: \`tool_use\` ids must be unique`);
    open = calls;
  });
  need(open.length === 0, `messages: the last message has \`tool_use\` blocks without results`);
}

function countMarks(value) {
  if (Array.isArray(value)) return value.reduce((sum, item) => sum + countMarks(item), 0);
  if (!isObject(value)) return 0;
  return (value.cache_control ? 1 : 0) + Object.values(value).reduce((sum, item) => sum + countMarks(item), 0);
}

function checkAnthropicTools(body) {
  need(Array.isArray(body.tools), "tools: Input should be a valid list");
  checkNames(body.tools.map((one) => one.name), "tools");
  body.tools.forEach((one, index) => {
    onlyFields(one, ["name", "description", "input_schema", "cache_control", "strict", "type"], `tools.${index}`);
    checkTop(one.input_schema, `tools.${index}.input_schema`, ["oneOf", "allOf", "anyOf"]);
  });
}

export function checkAnthropic(headers, raw, key, signatures) {
  return outcome(() => {
    need(headers["x-api-key"] === key && !headers.authorization, "invalid x-api-key", 401);
    need(headers["anthropic-version"] === "2023-06-01", "anthropic-version: header is required");
    need(/^application\/json\b/.test(headers["content-type"] ?? ""), "content-type: must be application/json");
    const body = parse(raw);
    onlyFields(body, anthropicFields, "body");
    need(typeof body.model === "string" && body.model, "model: Field required");
    need(Number.isInteger(body.max_tokens) && body.max_tokens > 0, "max_tokens: Field required");
    for (const name of ["temperature", "top_p", "top_k"]) need(!(name in body), `${name}: is deprecated for this model`);
    if (body.metadata) onlyFields(body.metadata, ["user_id"], "metadata");
    if (Array.isArray(body.system)) body.system.forEach((block, index) => checkBlock(block, "user", `system.${index}`, signatures));
    need(Array.isArray(body.messages) && body.messages.length > 0, "messages: at least one message is required");
    body.messages.forEach((message, index) => {
      onlyFields(message, ["role", "content"], `messages.${index}`);
      need(message.role in roleBlocks, `messages.${index}.role: Input should be 'user' or 'assistant'`);
      need(blocksOf(message)?.length > 0, `messages.${index}: all messages must have non-empty content`);
      blocksOf(message).forEach((block, at) => checkBlock(block, message.role, `messages.${index}.content.${at}`, signatures));
    });
    need(body.messages[0].role === "user", "messages: first message must use the \"user\" role");
    const turns = merged(body.messages);
    checkPairs(turns);
    if (body.tools !== undefined) checkAnthropicTools(body);
    const used = turns.some((turn) => turn.blocks.some((block) => block.type.startsWith("tool_")));
    need(!used || body.tools?.length > 0, "Requests which include `tool_use` or `tool_result` blocks must define tools");
    need(countMarks(body) <= 4, "A maximum of 4 blocks with cache_control may be provided.");
  });
}

// ---- OpenAI ----

const openaiFields = ["model", "messages", "tools", "tool_choice", "parallel_tool_calls", "stream", "stream_options", "max_tokens",
  "max_completion_tokens", "user", "stop", "response_format"];

function checkOpenAIMessage(message, place, open) {
  need(["system", "developer", "user", "assistant", "tool"].includes(message?.role), `${place}.role: unknown role '${message?.role}'`);
  if (message.role === "tool") {
    need(open.delete(message.tool_call_id), `${place}: messages with role 'tool' must respond to a preceding message with 'tool_calls'`);
    need(typeof message.content === "string", `${place}.content: must be a string`);
    return;
  }
  need(open.size === 0, `${place}: an assistant message with 'tool_calls' must be followed by tool messages responding to each `
    + `'tool_call_id': ${[...open].join(", ")}`);
  const calls = message.tool_calls ?? [];
  need(typeof message.content === "string" || (message.role === "assistant" && calls.length > 0 && message.content === null),
    `${place}.content: Invalid type`);
  need(message.tool_calls === undefined || calls.length > 0, `${place}.tool_calls: empty array`);
  for (const call of calls) {
    need(call.type === "function" && namePattern.test(call.function?.name ?? ""), `${place}.tool_calls: invalid function name`);
    need(typeof call.function.arguments === "string", `${place}.tool_calls: arguments must be a string`);
    need(isObject(parse(call.function.arguments)), `${place}.tool_calls: arguments must be an object in JSON`);
    need(typeof call.id === "string" && call.id && !open.has(call.id), `${place}.tool_calls: invalid id`);
    open.add(call.id);
  }
}

// An array without items is refused anywhere in a function's parameters.
function checkItems(schema, place) {
  if (Array.isArray(schema)) return schema.forEach((one, index) => checkItems(one, `${place}.${index}`));
  if (!isObject(schema)) return;
  const types = [schema.type].flat();
  need(!types.includes("array") || isObject(schema.items), `Invalid schema for function: ${place}: array schema missing items`);
  for (const word of ["items", "additionalProperties", "anyOf", "allOf"]) if (word in schema) checkItems(schema[word], `${place}.${word}`);
  for (const word of ["properties", "$defs"])
    for (const [name, one] of Object.entries(schema[word] ?? {})) checkItems(one, `${place}.${word}.${name}`);
}

export function checkOpenAI(headers, raw, key) {
  return outcome(() => {
    need(headers.authorization === `Bearer ${key}`, "Incorrect API key provided: sk-scri****cdef.", 401);
    need(/^application\/json\b/.test(headers["content-type"] ?? ""), "Unsupported content type", 415);
    const body = parse(raw);
    for (const name of Object.keys(body)) need(openaiFields.includes(name), `Unrecognized request argument supplied: ${name}`);
    need(typeof body.model === "string" && body.model, "you must provide a model parameter");
    need(!body.stream_options || body.stream, "The 'stream_options' parameter is only allowed when 'stream' is enabled.");
    need(Array.isArray(body.messages) && body.messages.length > 0, "'messages' must contain at least one message");
    const open = new Set();
    body.messages.forEach((message, index) => checkOpenAIMessage(message, `messages.[${index}]`, open));
    need(open.size === 0, `messages: 'tool_calls' without tool messages: ${[...open].join(", ")}`);
    need(body.tools === undefined || body.tools.length > 0, "[] is too short - 'tools'");
    checkNames((body.tools ?? []).map((one) => one.function?.name), "tools");
    (body.tools ?? []).forEach((one, index) => {
      need(one.type === "function", `tools.${index}.type: must be 'function'`);
      checkTop(one.function.parameters, `tools.${index}.function.parameters`, ["oneOf", "anyOf", "allOf", "enum", "not"]);
      checkItems(one.function.parameters, `tools.${index}.function.parameters`);
    });
  });
}
