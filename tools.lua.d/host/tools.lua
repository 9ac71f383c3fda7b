resource "tools" {
  title = "The tools, in one list";
  about = "Every tool you may use here, by domain, with its effect and the first sentence of what it does.";
  uri   = "tallyfy://tools";
  mime  = "text/plain";
  run = function (_, call)
    local lines, domain = {}, nil
    local tools = call.host.tools()
    table.sort(tools, function (a, b)
      if a.domain ~= b.domain then return a.domain < b.domain end
      return a.name < b.name
    end)
    for _, tool in ipairs(tools) do
      if tool.domain ~= domain then
        lines[#lines + 1] = (domain and "\n" or "") .. (tool.domain ~= "" and tool.domain or "other")
        domain = tool.domain
      end
      local first = tool.about:match("^(.-[.!?])%s") or tool.about
      lines[#lines + 1] = ("%s (%s) - %s"):format(tool.name, tool.effect, first)
    end
    return #lines > 0 and table.concat(lines, "\n") or "No tools: this sign-in may use none."
  end;
}
