// script.mjs - what the fake host's assistant does, and its tools: each sentence of a test has its answer here.
export const taskSchema = {
  type: "object",
  required: ["run_id", "task_id"],
  additionalProperties: false,
  properties: {
    run_id: { type: "string", description: "The process the task belongs to", pattern: "^[a-f0-9]{32}$" },
    task_id: { type: "string", description: "The task to complete", pattern: "^[a-f0-9]{32}$" },
    is_approved: { type: ["boolean", "null"], description: "For approval tasks: true approves, false rejects" },
    override_user: { type: ["integer", "null"], description: "The member to record as the one who completed it", minimum: 1 },
  },
};

export const launchSchema = {
  type: "object",
  required: ["template_id", "name"],
  additionalProperties: false,
  properties: {
    template_id: { type: "string", description: "The template to start from", pattern: "^[a-f0-9]{32}$" },
    name: { type: "string", title: "Name", description: "Name of the new process", minLength: 1, maxLength: 550, pattern: "\\S" },
    summary: { type: ["string", "null"], description: "Description", maxLength: 2000 },
    owner_id: { type: ["integer", "string"], description: "The member who will own it: number or e-mail" },
    tags: {
      type: ["array", "null"],
      description: "Names of tags to attach",
      items: { type: "string", maxLength: 30 },
      maxItems: 3,
    },
    kinds: { type: "array", description: "What to send", items: { type: "string", enum: ["mail", "chat", "paper"] } },
    colour: {
      type: "string",
      oneOf: [
        { const: "r", title: "Red" },
        { const: "g", title: "Green" },
      ],
      description: "How it is shown",
    },
    urgent: { type: "boolean", description: "Whether it cannot wait" },
    address: {
      type: ["object", "null"],
      description: "Where to",
      properties: { city: { type: "string", description: "Town" }, zip: { type: ["integer", "null"], minimum: 1 } },
      required: ["city"],
    },
    prerun: { type: ["object", "array", "null"], description: "Kick-off values" },
  },
};

const definition = "d".repeat(64);
export const tools = [
  {
    name: "get_my_tasks",
    title: "Get my tasks",
    description: "Your open tasks, the most urgent first.",
    domain: "tasks",
    effect: "read",
    definition,
    standing: false,
    inputSchema: {
      type: "object",
      properties: { page: { type: ["integer", "null"], description: "Which page, from 1", minimum: 1, default: 1 } },
      additionalProperties: false,
    },
  },
  {
    name: "complete_task",
    title: "Complete a task",
    description:
      "Marks a task of a process as done. An approval task needs `is_approved`. Completing a task can show, hide or assign others.",
    domain: "tasks",
    effect: "change",
    inputSchema: taskSchema,
    definition,
    standing: false,
  },
  {
    name: "launch_process",
    title: "Launch process",
    description: "Starts a process from a template.",
    domain: "processes",
    effect: "add",
    inputSchema: launchSchema,
    definition,
    standing: false,
  },
  {
    name: "delete_folder",
    title: "Delete folder",
    description: "Removes a folder; what was in it stays.",
    domain: "folders",
    effect: "remove",
    definition,
    standing: false,
    inputSchema: {
      type: "object",
      required: ["folder_id"],
      properties: { folder_id: { type: "string", description: "The folder: its id or name" } },
      additionalProperties: false,
    },
  },
];

const run_id = "3f".repeat(16);
const task_id = "9c".repeat(16);
export const cardOf = (extra = {}) => ({
  tool: "complete_task",
  title: "Complete a task",
  about: "Marks a task of a process as done.",
  effect: "change",
  arguments: { run_id, task_id, override_user: 7 },
  schema: taskSchema,
  target: "Order laptop (Onboarding Jane)",
  before: "Order laptop: open, due 27 Nov",
  after: "Order laptop: done",
  lines: [
    { path: "/run_id", label: "Process", text: run_id, name: "Onboarding Jane" },
    { path: "/task_id", label: "Task", text: task_id, name: "Order laptop" },
    { path: "/override_user", label: "Recorded as", text: "7", name: "Ben Okafor" },
  ],
  ...extra,
});

const listHtml =
  "<p>You have <strong>3 open tasks</strong>:</p><ol><li>Order laptop, due Friday</li><li>Prepare contract, due Monday</li><li>Call the <em>bank</em></li></ol>" +
  '<p>Say <code>complete 1</code> to finish the first. <a href="https://go.tallyfy.com/tasks">Open in Tallyfy</a></p>';
const listText =
  "You have **3 open tasks**:\n\n1. Order laptop, due Friday\n2. Prepare contract, due Monday\n3. Call the *bank*\n\nSay `complete 1` to finish the first.";

const tick = () => new Promise((resolve) => setTimeout(resolve, 15));

async function stream(conversation, turn, text) {
  for (const piece of text.match(/[\s\S]{1,12}/g)) {
    conversation.event({ type: "delta", turn, text: piece });
    await tick();
  }
}

async function approveAndRun(conversation, turn, request) {
  const call = conversation.toolCall(request.tool, request.title, request.effect, request.arguments, { turn });
  const answer = await conversation.approval(call, { turn, ...request });
  if (answer.type === "deny") {
    conversation.result(
      call,
      request.tool,
      { ok: false, code: "denied", text: `The person said no${answer.reason ? `: ${answer.reason}` : ""}.` },
      turn,
    );
    return conversation.answer(turn, "Nothing was changed.", "<p>Nothing was changed.</p>");
  }
  const used = answer.arguments ?? request.arguments;
  conversation.result(call, request.tool, { text: `Ran with ${JSON.stringify(used)}`, data: used, duration: 1480 }, turn);
  await stream(conversation, turn, "Done: the task is complete.");
  return conversation.answer(turn, "Done: the task is complete.", "<p>Done: the task is complete.</p>");
}

const sentences = {
  async "my tasks"(conversation, turn) {
    await stream(conversation, turn, "Let me look.");
    const call = conversation.toolCall("get_my_tasks", "Get my tasks", "read", { page: 1 }, { turn });
    await tick();
    conversation.event({ type: "progress", call, done: 1, total: 2, message: "Reading" });
    conversation.result(
      call,
      "get_my_tasks",
      { text: "3 tasks.\n1. Order laptop\n2. Prepare contract\n3. Call the bank", data: { total: 3 }, duration: 86 },
      turn,
    );
    await stream(conversation, turn, listText);
    conversation.answer(turn, listText, listHtml);
  },
  "complete 1": (conversation, turn) => approveAndRun(conversation, turn, cardOf()),
  delete: (conversation, turn) =>
    approveAndRun(
      conversation,
      turn,
      cardOf({
        tool: "delete_folder",
        title: "Delete folder",
        about: "Removes a folder; what was in it stays.",
        effect: "remove",
        scopes: ["once"],
        arguments: { folder_id: "Old ⟨U+202E⟩" },
        schema: tools[3].inputSchema,
        target: "Old contracts",
        before: undefined,
        after: undefined,
        turn,
        lines: [{ path: "/folder_id", label: "Folder", text: "gnp.⟨U+202E⟩stcartnoc", odd: true }],
      }),
    ),
  async "two cards"(conversation, turn) {
    const first = conversation.toolCall("complete_task", "Complete a task", "change", {}, { turn });
    const second = conversation.toolCall("delete_folder", "Delete folder", "remove", {}, { turn });
    const one = conversation.approval(first, { turn, ...cardOf() });
    const two = conversation.approval(second, {
      turn,
      ...cardOf({ tool: "delete_folder", title: "Delete folder", effect: "remove", scopes: ["once"] }),
    });
    const outcomes = [(await one).type, (await two).type];
    conversation.result(
      first,
      "complete_task",
      { ok: outcomes[0] === "approve", code: outcomes[0] === "approve" ? "ok" : "denied" },
      turn,
    );
    conversation.result(
      second,
      "delete_folder",
      { ok: outcomes[1] === "approve", code: outcomes[1] === "approve" ? "ok" : "denied" },
      turn,
    );
    conversation.answer(turn, outcomes.join(), `<p>${outcomes.join()}</p>`);
  },
  async "ask me"(conversation, turn) {
    const call = conversation.toolCall("introduce", "Introduce yourself", "read", {}, { turn });
    const answer = await conversation.question({
      turn,
      call,
      message: "Who are you?",
      schema: {
        type: "object",
        required: ["name"],
        properties: {
          name: { type: "string", title: "Your name", maxLength: 80 },
          team: {
            type: "string",
            oneOf: [
              { const: "ops", title: "Operations" },
              { const: "sales", title: "Sales" },
            ],
          },
          size: { type: "integer", minimum: 1, maximum: 50 },
        },
      },
    });
    conversation.result(
      call,
      "introduce",
      {
        ok: answer.action === "accept",
        code: answer.action === "accept" ? "ok" : "declined",
        text: JSON.stringify(answer.content ?? null),
      },
      turn,
    );
    conversation.answer(turn, "Thanks", "<p>Thanks</p>");
  },
  async "a page"(conversation, turn) {
    const call = conversation.toolCall("link_account", "Link account", "read", {}, { turn });
    const answer = await conversation.question({
      turn,
      call,
      kind: "url",
      message: "Link your account",
      url: "https://account.example.com/link?x=1",
    });
    conversation.result(call, "link_account", { text: answer.action }, turn);
    conversation.answer(turn, answer.action, `<p>${answer.action}</p>`);
  },
  async "go on"(conversation, turn) {
    await stream(conversation, turn, "The first half. ");
    const answer = await conversation.question({ turn, kind: "continue", message: "This turn used 12 rounds. Continue?" });
    await stream(conversation, turn, `The second half: ${answer.action}.`);
    conversation.answer(
      turn,
      `The first half. The second half: ${answer.action}.`,
      `<p>The first half. The second half: ${answer.action}.</p>`,
    );
  },
  // Streams until it is stopped.
  async "for ever"(conversation, turn) {
    let stopped = false;
    conversation.cancelled = () => {
      stopped = true;
    };
    while (!stopped) {
      conversation.event({ type: "delta", turn, text: "and so on " });
      await tick();
    }
    conversation.answer(turn, "and so on", "<p>and so on</p>", { stop: "cancelled" });
  },
  fail: (conversation, turn) =>
    conversation.event({ type: "error", turn, code: "overloaded", message: "The model is overloaded. Try again in a minute." }),
};

// hold(turn): sentences that a test plays itself, by text.
export const script =
  (own = {}) =>
  (conversation, turn, text) =>
    (own[text] ?? sentences[text.toLowerCase()] ?? sentences.fail)(conversation, turn, text);

export function call(conversation, { id, tool, arguments: given }) {
  const found = conversation.host.tools.find((one) => one.name === tool);
  const where = { re: id };
  const name = conversation.toolCall(tool, found.title, found.effect, given, where);
  if (found.effect === "read") return conversation.result(name, tool, { text: `Called with ${JSON.stringify(given)}` });
  return conversation
    .approval(name, {
      ...cardOf({
        tool,
        title: found.title,
        about: found.description,
        effect: found.effect,
        arguments: given,
        schema: found.inputSchema,
        before: undefined,
        after: undefined,
        target: undefined,
        lines: Object.entries(given).map(([key, value]) => ({ path: `/${key}`, label: key, text: JSON.stringify(value) })),
      }),
    })
    .then((answer) =>
      conversation.result(
        name,
        tool,
        answer.type === "approve"
          ? { text: `Called with ${JSON.stringify(answer.arguments ?? given)}` }
          : { ok: false, code: "denied" },
      ),
    );
}
