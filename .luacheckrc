-- Lua lint: `./dev lint` runs luacheck with this. Tool files see only the world that core/script builds.
std = "lua54"
max_line_length = 130

local tool_files = {
  std = "lua54",
  read_globals = {
    "tool", "use", "json", "resource", "prompt", "form", "on",
    "id", "text", "whole", "number", "flag", "choice", "date", "list", "object", "any",
  },
}
files["tools.lua.d"] = tool_files
files["**/*_spec.lua"] = { std = "+busted", read_globals = { "tallyhost" } }
files["tests/bench/tools"] = tool_files
files["tests/conformance/tools"] = tool_files
files["tests/bench/call.lua"] = { globals = { "wrk", "init", "response" } } -- wrk's own
files["lua/tallyfy"] = { read_globals = { "use", "json" } }
files["lua/manual"] = { max_line_length = 170 } -- tables of words
files["lua/words.lua"] = { globals = { "tool" } }
files["tests/spec"] = { std = "+busted" }
files["config"] = {
  globals = { -- assigned field by field
    "log", "worker", "http", "websocket", "stdio", "fetch", "tallyfy", "session", "script", "mcp", "auth", "date", "practice",
    "tools", "chat",
  },
  read_globals = { "env", "KB", "MB", "GB", "ms", "s", "min", "hour", "day" },
}
