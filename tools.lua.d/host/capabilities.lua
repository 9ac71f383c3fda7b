-- How many of each effect a domain has, as a table in Markdown.
local function by_domain(tools)
  local counts, names = {}, {}
  for _, tool in ipairs(tools) do
    local domain = tool.domain ~= "" and tool.domain or "other"
    local count = counts[domain]
    if not count then
      count = { read = 0, add = 0, change = 0, remove = 0 }
      counts[domain] = count
      names[#names + 1] = domain
    end
    count[tool.effect] = count[tool.effect] + 1
  end
  table.sort(names)
  local lines = { "| domain | read | add | change | remove |", "|---|---|---|---|---|" }
  for _, name in ipairs(names) do
    local count = counts[name]
    lines[#lines + 1] = ("| %s | %d | %d | %d | %d |"):format(name, count.read, count.add, count.change, count.remove)
  end
  return table.concat(lines, "\n")
end

local function listed(items, line)
  local lines = {}
  for index, item in ipairs(items) do lines[index] = "- " .. line(item) end
  return #lines > 0 and table.concat(lines, "\n") or "None."
end

resource "capabilities" {
  title = "What this server can do for you";
  about = "Who you are signed in as, what you may do by domain, what can be read, which prompts there are, and the limits.";
  uri   = "tallyfy://capabilities";
  mime  = "text/markdown";
  run = function (_, call)
    local host, limits = call.host, call.host.limits()
    return table.concat({
      ("# %s %s"):format(host.name, host.version),
      ("You are %s, %s in %s. Everything here happens in your name and with your rights."):format(
        call.user.name or call.user.email or "signed in", call.user.role or "member",
        call.org.name or "your organization"),
      "## Tools by domain and effect", by_domain(host.tools()),
      "Only `read` tools leave everything as it is. The list with names is tallyfy://tools.",
      "## To read", listed(host.resources(), function (item) return ("`%s` - %s"):format(item.uri, item.title) end),
      "## Prompts", listed(host.prompts(), function (item) return ("%s - %s"):format(item.name, item.title) end),
      "## Limits",
      ("One call: %d seconds, %d requests to Tallyfy, an answer of %d KB. At once: %d calls, and %d more that wait. "
        .. "A session ends after %d quiet minutes."):format(limits.call_seconds, limits.requests,
        limits.result_kilobytes, limits.calls_at_once, limits.calls_waiting, limits.session_idle_minutes),
    }, "\n\n")
  end;
}
