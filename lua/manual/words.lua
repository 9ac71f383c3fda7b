-- words.lua - every word of a tool file, once: what it is, what it takes, and an example that runs. The stubs for editors
-- (stubs.lua) and the reference in tools.lua.d/README.md (reference.lua) are made of it; tests hold it to what the host
-- really knows, and run the examples. Types are lua-language-server's.
local manual = {}

-- What a file declares, one in each. fields: { name, type, about }; a type that ends in "?" may be left out.
manual.items = {
  { word = "tool", about = "what a model or a person can call; the file is named as the tool", fields = {
    { "title", "string", "what people see; at most 100 characters" },
    { "about", "string", "what the model reads to decide: what it does, what comes back, what it is not for" },
    { "effect", '"read"|"add"|"change"|"remove"', "what it does to Tallyfy: decides who must approve it" },
    { "run", "fun(args: table, call: tallyhost.Call): any, any?", "does it" },
    { "input", "tallyhost.Field[]?", "its parameters, as field words" },
    { "schema", "table?", "instead of input: a JSON Schema for an object" },
    { "output", "tallyhost.Field[]|table?", "what data will be: field words, or a JSON Schema for an object" },
    { "closed", "boolean?", "true when it touches nothing outside the host" },
    { "annotations", "tallyhost.Annotations?", "overrides single hints" },
    { "limits", "tallyhost.Limits?", "computing time and time in all" },
    { "icons", "table[]?", "pictures for clients" },
    { "task", 'boolean|"required"|"later"?', "whether it may, must or comes to run as a task" },
    { "needs", '("elicitation"|"url"|"sampling"|"roots")[]?', "what the client must be able to do" },
    { "preview", "fun(args: table, call: tallyhost.Call): tallyhost.Preview?", "says what run would change, for the person who is asked; can only get" },
    { "relay", "boolean?", "of call_tool only: calls the tool that its argument `name` names" },
  }, example = [[
tool "greet_me" {
  title  = "Greet me";
  about  = "Says hello to you, by name. Nothing else happens.";
  effect = "read";
  closed = true;
  input  = { choice "language" { "In which language", "en", "de", default = "en" } };
  output = { text "greeting" { "What was said" } };
  run = function (args, call)
    local greeting = (args.language == "de" and "Hallo, " or "Hello, ") .. call.user.name
    return { text = greeting, data = { greeting = greeting } }
  end;
}]] },
  { word = "resource", about = "what can be read, under a URI", fields = {
    { "title", "string", "what people see" },
    { "about", "string", "what it holds" },
    { "uri", "string", "with a scheme; {name} stands for one value" },
    { "run", "fun(args: table, call: tallyhost.Call): any, any?", "gives a text, a value, or contents" },
    { "input", "tallyhost.Field[]?", "a field for each name in the uri" },
    { "mime", "string?", "the media type" },
    { "size", "integer?", "bytes, of a fixed one" },
    { "annotations", "table?", "audience, priority, last_modified" },
    { "limits", "tallyhost.Limits?", "computing time and time in all" },
    { "icons", "table[]?", "pictures for clients" },
    { "needs", "string[]?", "what the client must be able to do" },
  }, example = [[
resource "greeting" {
  title = "A greeting";
  about = "Hello, to whom it may concern.";
  uri   = "own://greetings/{who}";
  mime  = "text/plain";
  input = { text "who" { "Whom to greet", max = 40, complete = { "Ada", "Bob" } } };
  run   = function (args) return "Hello, " .. args.who end;
}]] },
  { word = "prompt", about = "what a person picks from a menu to begin with", fields = {
    { "title", "string", "what people see" },
    { "about", "string", "what it is for" },
    { "run", "fun(args: table, call: tallyhost.Call): any, any?", "gives the first message, or several" },
    { "input", "tallyhost.Field[]?", "text, id, choice and date fields" },
    { "limits", "tallyhost.Limits?", "computing time and time in all" },
    { "icons", "table[]?", "pictures for clients" },
    { "needs", "string[]?", "what the client must be able to do" },
  }, example = [[
prompt "tidy_up" {
  title = "Tidy up";
  about = "Goes through your tasks with you and closes what is done.";
  input = { text "area" { "Where to begin", max = 100, optional = true } };
  run   = function (args) return "Help me tidy up my tasks" .. (args.area and " in " .. args.area or "") .. "." end;
}]] },
  { word = "form", about = "what `call.ask` puts to a person; declared outside `run`", example = [[
local who = form { text "name" { "Your name", max = 80 } }

tool "ask_my_name" {
  title = "Ask my name"; about = "Asks who you are."; effect = "read"; closed = true;
  run = function (_, call)
    local answer, err = call.ask { message = "Who are you?", fields = who }
    if not answer then return nil, err end
    return "Hello, " .. answer.name
  end;
}]] },
  { word = "on", about = "a handler of what the organization tells by webhook; acts for nobody", fields = {
    { "about", "string", "what it does when that happens" },
    { "run", "fun(event: table, call: tallyhost.Call): any, any?", "does it" },
    { "title", "string?", "for logs" },
    { "limits", "tallyhost.Limits?", "computing time and time in all" },
  }, example = [[
on "task.completed" {
  about = "Writes down which tasks are done.";
  run   = function (event, call) call.log("a task is done: " .. json.encode(event)) end;
}]] },
}

-- What a field word takes besides the description.
manual.common = {
  { "optional", "boolean?", "may be left out; run sees nil" },
  { "default", "any", "may be left out; run sees this" },
  { "example", "any", "shown to the model" },
  { "title", "string?", "what people see of it" },
}
local header = { "header", "string?", "it travels in the HTTP header Mcp-Param-<this> as well" }
local complete = { "complete", "string[]|function?", "prompts and templates: values to offer" }

-- fields of `input`: { word, about, options, example }
manual.fields = {
  { word = "id", about = "an id of Tallyfy: 32 hex digits",
    options = { { "kind", '"integer"|"text"|"hex"?', "integer: of people; text: 1 to 64 characters" }, header, complete },
    example = 'id "task_id" { "The task" }; id "user_id" { "Whom", kind = "integer", optional = true };' },
  { word = "text", about = "a string",
    options = { { "min", "integer?", "characters" }, { "max", "integer?", "characters" },
      { "pattern", "string?", "a regular expression" },
      { "format", '"email"|"uri"|"date"|"date-time"|"time"|"uuid"|"hostname"|"ipv4"|"ipv6"?', "a form" },
      { "encoding", '"base64"?', "bytes as base64 (JSON Schema's contentEncoding); not checked" }, header, complete },
    example = 'text "email" { "Where to send it", format = "email", max = 255 };' },
  { word = "whole", about = "an integer", options = { { "min", "integer?", "at least" }, { "max", "integer?", "at most" }, header },
    example = 'whole "page" { "Which page, from 1", min = 1, default = 1 };' },
  { word = "number", about = "any number", options = { { "min", "number?", "at least" }, { "max", "number?", "at most" } },
    example = 'number "share" { "From 0 to 1", min = 0, max = 1 };' },
  { word = "flag", about = "true or false", options = { header },
    example = 'flag "notify" { "Tell the others", default = false };' },
  { word = "choice", about = "one of the strings behind the description",
    options = { { "titles", "string[]?", "what people see, one for each" }, header, complete },
    example = 'choice "status" { "Only these", "open", "done", optional = true };' },
  { word = "date", about = "a moment as ISO 8601 text", options = { header, complete },
    example = 'date "due" { "Until when, such as 2026-12-24" };' },
  { word = "list", about = "a list",
    options = { { "of", "string?", "text, id, whole, number, flag, date, object or any" },
      { "items", "tallyhost.Field?", "a word without a name" }, { "min", "integer?", "how many at least" },
      { "max", "integer?", "how many at most" }, { "unique", "boolean?", "none twice" },
      { "single", "boolean?", "one value may stand for a list of it" } },
    example = 'list "emails" { "Whom", of = "text", single = true }; list "kinds" { "Which", items = choice { "a", "b" } };' },
  { word = "object", about = "an object",
    options = { { "fields", "tallyhost.Field[]?", "what is in it" }, { "open", "boolean?", "others may be in it, too" },
      { "values", "tallyhost.Field?", "any names, values as said" } },
    example = 'object "address" { "Where", fields = { text "city" { "Town" } } }; object "answers" { "By id", values = any {} };' },
  { word = "any", about = "anything", options = { { "types", "string[]?", "JSON types" } },
    example = 'any "value" { "A text or several", types = { "string", "array" } };' },
}

-- What `run` has: { name, type or signature, about, example of statements inside run }
manual.call = {
  { "user", "tallyhost.User", "who asks: id, name, email, role, timezone", 'call.log(call.user.name)' },
  { "org", "tallyhost.Org", "their organization: id, name, timezone", 'call.log(call.org.name)' },
  { "api", "tallyhost.Api", "Tallyfy, as that person", 'local me, err = call.api:get("/organizations/{org}/me")\nif not me then return nil, err end' },
  { "date", "tallyhost.Date", "dates as people write them", 'local due = call.date.find("next Friday at 3pm")\ncall.log(due.due)' },
  { "host", "tallyhost.Host", "this host: name, version, tools(), tool(name), resources(), prompts(), limits()",
    'call.log(#call.host.tools() .. " tools, answers of " .. call.host.limits().answer_bytes .. " bytes")' },
  { "json", "tallyhost.Json", "the table json", 'call.log(call.json.encode({ 1, 2 }))' },
  { "now", "fun(): integer", "seconds since 1970", 'call.log(call.now())' },
  { "today", "fun(): string", "the day in UTC, 2026-11-25", 'call.log(call.today())' },
  { "log", "fun(data: any, level?: string, logger?: string)", "a line in the log, and for clients that want it",
    'call.log({ looked_at = 3 }, "info", "own")' },
  { "progress", "fun(done: number, total?: number, message?: string)", "how far it is", 'call.progress(1, 2, "half")' },
  { "wait", "fun(time: number|string)", "lets time pass: seconds, or \"50ms\", \"2s\"", 'call.wait("1ms")' },
  { "ask", "fun(question: table): any, tallyhost.Error?", "asks the person",
    'local sure = { type = "object", properties = { sure = { type = "boolean" } } }\n'
      .. 'local answer, err = call.ask { message = "Sure?", schema = sure }\nif not answer then call.log(err.code) end' },
  { "sample", "fun(question: table): any, tallyhost.Error?", "asks the client's model",
    'local said, err = call.sample { prompt = "A word, please", max_tokens = 10 }\nif not said then call.log(err.code) end' },
  { "roots", "fun(question: table): any, tallyhost.Error?", "the client's folders",
    'local folders, err = call.roots {}\nif not folders then call.log(err.code) end' },
  { "can_ask", 'fun(kind: "form"|"url"|"sample"|"roots"): boolean', "whether the client can be asked", 'if call.can_ask "form" then call.log("yes") end' },
  { "changed", "fun(what: string)", "tells those who listen: \"tools\", \"prompts\", \"resources\" or a URI", 'call.changed("tallyfy://tools")' },
  { "detach", "fun()", "lets the connection go during a long call", 'call.detach()' },
  { "become_task", "fun()", "of a tool with task = \"later\": from here on a task", 'call.become_task()' },
  { "base64", "fun(bytes: string): string", "for a blob", 'call.log(call.base64("abc"))' },
}

manual.api = {
  { "get", "fun(self, path: string, params?: tallyhost.Params): any, any", "reads; data, whole answer; or nil, err",
    'local tags, whole = call.api:get("/organizations/{org}/tags", { query = { per_page = 2 } })\ncall.log(whole.meta.pagination.total)' },
  { "post", "fun(self, path: string, params?: tallyhost.Params): any, any", "makes" },
  { "put", "fun(self, path: string, params?: tallyhost.Params): any, any", "replaces: send what must stay, too" },
  { "patch", "fun(self, path: string, params?: tallyhost.Params): any, any", "changes" },
  { "delete", "fun(self, path: string, params?: tallyhost.Params): any, any", "removes" },
  { "all", "fun(self, requests: table[]): table[]", "several at once; { value =, whole =, error = } in order",
    'local answers = call.api:all { { "get", "/organizations/{org}" }, { "get", "/organizations/{org}/me" } }\ncall.log(answers[1].value.name)' },
  { "pages", "fun(self, path: string, params?: tallyhost.Params, options?: table): any, any, boolean", "page after page",
    'local people, err, complete = call.api:pages("/organizations/{org}/users", {}, { max = 500 })\nif not people then return nil, err end\ncall.log(complete)' },
  { "upload", "fun(self, path: string, params?: tallyhost.Params, file: tallyhost.File): any, any",
    "posts a file as a form: params.body are its other parts; sent again only if it cannot have arrived" },
  { "download", "fun(self, path: string, params?: tallyhost.Params): string?, tallyhost.Error?", "the bytes of a file as they are",
    'local bytes, err = call.api:download("/organizations/{org}/me")\nif not bytes then return nil, err end\ncall.log(#bytes)' },
  { "raw", "fun(self, method: string, path: string, params?: tallyhost.Params): any, any, integer",
    "by a path that came from outside: matched against the documented routes, checked, audited",
    'local me, whole, status = call.api:raw("GET", "/organizations/{org}/me")\ncall.log(status)' },
}

return manual
