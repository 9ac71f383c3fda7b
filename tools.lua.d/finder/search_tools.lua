local finder = use "tallyfy.finder"

tool "search_tools" {
  title  = "Search tools";
  about  = "Finds the tools that do something, by words such as \"add comment\" or a domain. Without a query: what there is, by "
        .. "domain. Then describe_tool shows the parameters, and call_tool calls it.";
  effect = "read";
  closed = true;
  input  = {
    text   "query"  { "What you want to do, in a few English words", max = 200, optional = true };
    text   "domain" { "Only tools of this domain, such as \"tasks\"", max = 40, optional = true };
    choice "effect" { "Only tools that do this", "read", "add", "change", "remove", optional = true };
    whole  "limit"  { "How many", min = 1, max = 100, default = 12 };
  };
  output = {
    list  "data"    { "name, domain, effect and about of each, best first", of = "object" };
    whole "total"   { "How many fit" };
    list  "domains" { "All domains", of = "text" };
  };
  run = function (args, call)
    local tools = call.host.tools()
    local domains = finder.domains(tools)
    local found = finder.search(tools, { words = finder.words(args.query or ""), domain = args.domain, effect = args.effect })
    local rows, lines = json.array(), {}
    for index = 1, math.min(#found, args.limit) do
      local tool = found[index].tool
      rows[index] = { name = tool.name, domain = tool.domain, effect = tool.effect, about = finder.sentence(tool.about) }
      lines[index] = ("%s (%s): %s"):format(tool.name, tool.effect, rows[index].about)
    end
    local hint = #found == 0 and "No tool fits. Domains: " .. table.concat(domains, ", ") .. "."
      or #found > #rows and ("%d more fit; ask for more, or more exactly."):format(#found - #rows) or nil
    lines[#lines + 1] = hint
    return { text = table.concat(lines, "\n"), data = { data = rows, total = #found, domains = json.array(domains) } }
  end;
}
