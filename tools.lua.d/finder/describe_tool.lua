local finder = use "tallyfy.finder"

tool "describe_tool" {
  title  = "Describe a tool";
  about  = "Shows what a tool does and its parameters, as JSON Schema. Read it before call_tool.";
  effect = "read";
  closed = true;
  input  = { text "name" { "The tool, as search_tools names it", min = 1, max = 64 } };
  output = {
    text   "name"         { "The tool" };
    text   "title"        { "Its title" };
    text   "description"  { "What it does" };
    text   "domain"       { "Its domain" };
    choice "effect"       { "What it does to Tallyfy", "read", "add", "change", "remove" };
    object "inputSchema"  { "Its parameters" };
    object "outputSchema" { "What comes back", optional = true };
    object "annotations"  { "readOnlyHint, destructiveHint, idempotentHint" };
  };
  run = function (args, call)
    local tool = call.host.tool(args.name)
    if not tool then
      local near = {}
      for index, found in ipairs(finder.search(call.host.tools(), { words = finder.words(args.name) })) do
        if index <= 5 then near[index] = found.tool.name end
      end
      return nil, { code = "not_found", field = "name", message = ("There is no tool %q you may use."):format(args.name),
        hint = #near > 0 and "There are: " .. table.concat(near, ", ") .. "." or "search_tools finds the names." }
    end
    local schema = json.decode(tool.input)
    return {
      text = ("%s (%s): %s\nParameters: %s"):format(tool.name, tool.effect, tool.about, json.encode(schema)),
      data = {
        name = tool.name, title = tool.title, description = tool.about, domain = tool.domain, effect = tool.effect,
        inputSchema = schema, outputSchema = tool.output and json.decode(tool.output) or nil,
        annotations = { readOnlyHint = tool.read_only, destructiveHint = tool.destructive, idempotentHint = tool.idempotent },
      },
    }
  end;
}
