// model_stream.mjs - an answer of the script as each provider would stream it.

const usages = { input_tokens: 100, output_tokens: 20, cache_read_input_tokens: 50, cache_creation_input_tokens: 0 };

// Pieces of <size> characters; never half a character, but anywhere inside a JSON escape.
function pieces(words, size = 8) {
  const characters = Array.from(words), result = [];
  for (let at = 0; at < characters.length; at += size) result.push(characters.slice(at, at + size).join(""));
  return result;
}

const inputText = (block) => block.json ?? JSON.stringify(block.input ?? {});

function reason(answer) {
  return answer.stop ?? (answer.blocks.some((block) => block.type === "tool_use") ? "tool_use" : "end_turn");
}

// ---- Anthropic ----

function blockStart(block) {
  switch (block.type) {
    case "text": return { type: "text", text: "" };
    case "tool_use": return { type: "tool_use", id: block.id, name: block.name, input: {}, caller: { type: "direct" } };
    case "thinking": return { type: "thinking", thinking: "", signature: "" };
    case "redacted_thinking": return { type: "redacted_thinking", data: block.data };
    default: return { type: block.type, text: "what is this?" };
  }
}

function blockDeltas(block, size) {
  switch (block.type) {
    case "text": return pieces(block.text, size).map((piece) => ({ type: "text_delta", text: piece }));
    case "tool_use": {
      const json = inputText(block);
      const parts = json === "{}" ? [] : pieces(json, size);
      return ["", ...parts].map((piece) => ({ type: "input_json_delta", partial_json: piece }));
    }
    case "thinking": return [...pieces(block.thinking, size).map((piece) => ({ type: "thinking_delta", thinking: piece })),
      { type: "signature_delta", signature: block.signature }];
    case "redacted_thinking": return [];
    default: return [{ type: "text_delta", text: "this must not be shown" }, { type: "sparkle_delta", sparkle: 1 }];
  }
}

export function anthropicEvents(answer, one) {
  const usage = { ...usages, ...answer.usage };
  const events = [{ type: "message_start", message: { id: `msg_${one.answers}`, type: "message", role: "assistant", model: one.body.model,
    content: [], stop_reason: null, stop_sequence: null, usage: { ...usage, output_tokens: 1 } } }];
  events.push(...(answer.extra ?? []), { type: "ping" });
  answer.blocks.forEach((block, index) => {
    events.push({ type: "content_block_start", index, content_block: blockStart(block) });
    for (const delta of blockDeltas(block, answer.deltas)) events.push({ type: "content_block_delta", index, delta });
    if (!(answer.errorEvent && index === answer.blocks.length - 1)) events.push({ type: "content_block_stop", index });
  });
  if (answer.errorEvent) {
    events.push({ type: "error", error: { type: answer.errorEvent, message: "scripted" } });
  } else {
    const delta = { stop_reason: reason(answer), stop_sequence: null };
    if (answer.stop_details) delta.stop_details = answer.stop_details;
    events.push({ type: "message_delta", delta, usage: { output_tokens: usage.output_tokens } }, { type: "message_stop" });
  }
  return events.map((data) => ({ event: data.type, data }));
}

export function anthropicMessage(answer, one) {
  const content = answer.blocks.filter((block) => !block.unknown).map((block) =>
    block.type === "tool_use" ? { type: "tool_use", id: block.id, name: block.name, input: block.input ?? {} } : block);
  return { id: `msg_${one.answers}`, type: "message", role: "assistant", model: one.body.model, content, stop_reason: reason(answer),
    stop_sequence: null, stop_details: answer.stop_details ?? null, usage: { ...usages, ...answer.usage } };
}

// ---- OpenAI ----

const finishes = { end_turn: "stop", stop_sequence: "stop", tool_use: "tool_calls", max_tokens: "length", refusal: "content_filter",
  model_context_window_exceeded: "length", pause_turn: "stop" };

function openaiUsage(answer) {
  const usage = { ...usages, ...answer.usage };
  return { prompt_tokens: usage.input_tokens + usage.cache_read_input_tokens, completion_tokens: usage.output_tokens,
    total_tokens: usage.input_tokens + usage.cache_read_input_tokens + usage.output_tokens,
    prompt_tokens_details: { cached_tokens: usage.cache_read_input_tokens } };
}

export function openaiChunks(answer, one) {
  const chunk = (delta, finish = null) => ({ id: `chatcmpl-${one.answers}`, object: "chat.completion.chunk", created: 0,
    model: one.body.model, choices: [{ index: 0, delta, finish_reason: finish }] });
  const events = [chunk({ role: "assistant", content: "" }), ...(answer.extra ?? [])];
  let index = 0;
  for (const block of answer.blocks) {
    if (block.type === "text") for (const piece of pieces(block.text, answer.deltas)) events.push(chunk({ content: piece }));
    if (block.unknown) events.push(chunk({ [block.type]: "this must not be shown" }));
    if (block.type !== "tool_use") continue;
    events.push(chunk({ tool_calls: [{ index, id: block.id, type: "function", function: { name: block.name, arguments: "" } }] }));
    for (const piece of pieces(inputText(block), answer.deltas))
      events.push(chunk({ tool_calls: [{ index, function: { arguments: piece } }] }));
    index += 1;
  }
  if (answer.errorEvent) {
    events.push({ error: { message: "scripted", type: answer.errorEvent, code: null } });
    return events.map((data) => ({ data }));
  }
  events.push(chunk({}, finishes[reason(answer)] ?? reason(answer)));
  if (one.body.stream_options?.include_usage) events.push({ ...chunk({}), choices: [], usage: openaiUsage(answer) });
  return [...events.map((data) => ({ data })), { data: "[DONE]" }];
}

export function openaiMessage(answer, one) {
  const words = answer.blocks.filter((block) => block.type === "text").map((block) => block.text).join("");
  const calls = answer.blocks.filter((block) => block.type === "tool_use").map((block) =>
    ({ id: block.id, type: "function", function: { name: block.name, arguments: inputText(block) } }));
  const message = { role: "assistant", content: words || null, ...(calls.length ? { tool_calls: calls } : {}) };
  return { id: `chatcmpl-${one.answers}`, object: "chat.completion", created: 0, model: one.body.model,
    choices: [{ index: 0, message, finish_reason: finishes[reason(answer)] ?? reason(answer) }], usage: openaiUsage(answer) };
}

// ---- server-sent events ----

// One event as text, in the manner the answer asks for.
export function frame({ event, data }, { crlf, comments, pings } = {}) {
  const end = crlf ? "\r\n" : "\n";
  const body = typeof data === "string" ? data : JSON.stringify(data);
  const lines = [];
  if (comments) lines.push(": a comment", "");
  if (event) lines.push(`event: ${event}`);
  lines.push(...body.split("\n").map((line) => `data: ${line}`), "");
  const last = event === "message_stop" || event === "error" || data === "[DONE]";
  if (pings && !last) lines.push(...(event ? ["event: ping", 'data: {"type": "ping"}', ""] : [": ping", ""]));
  return lines.map((line) => line + end).join("");
}
