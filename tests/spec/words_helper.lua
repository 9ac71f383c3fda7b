-- words_helper.lua - runs a tool file's text through the strict words, with a made-up json table and, unless a
-- spec brings its own, a schema engine that finds nothing wrong. Loaded with dofile.
local assert = require "luassert"

local helper = {}

local null = setmetatable({}, { __name = "null" })
local arrays = setmetatable({}, { __mode = "k" })
local json = {
  null = null,
  array = function (t)
    t = t or {}
    arrays[t] = true
    return t
  end,
  is_array = function (t) return arrays[t] or false end,
}

function helper.world()
  return setmetatable({ json = json }, { __index = _G })
end

function helper.load_library(name, env)
  return assert(loadfile("lua/" .. name .. ".lua", "t", env))
end

-- Runs <source> as get_task.lua through the strict words. <refuse>(schema, value) stands for the schema
-- engine.
function helper.check(source, refuse)
  local env, sink, problems = helper.world(), {}, {}
  local host = { source = source, name = "get_task", file = "task/get_task.lua" }
  host.check = refuse or function () end
  function host.line()
    local level = 2
    while true do
      local info = assert(debug.getinfo(level, "Sl"), "not called from the tool file")
      if info.source == "@task/get_task.lua" then return info.currentline end
      level = level + 1
    end
  end
  function host.problem(line, message, hint)
    problems[#problems + 1] = { line = line, message = message, hint = hint }
  end
  local shared = { host = host, sink = sink, words = {} }
  for _, name in ipairs { "words_schema", "words_fields", "words_parts", "words_headers", "words_items" } do
    helper.load_library(name, env)("check", shared)
  end
  local words, finish = helper.load_library("words_check", env)("check", shared)
  local file_env = setmetatable({}, { __index = function (_, name)
    return words[name] or env[name] or error("undefined name '" .. name .. "'", 2)
  end })
  local chunk, syntax = load(source, "@task/get_task.lua", "t", file_env)
  local fine, raised = true, syntax
  if chunk then fine, raised = pcall(chunk) end
  finish((not chunk or not fine) and raised or nil, 99)
  return sink.item, problems
end

-- The only problem of <source>.
function helper.one_problem(source, refuse)
  local item, problems = helper.check(source, refuse)
  assert.is_nil(item)
  assert.equal(1, #problems, problems[2] and problems[2].message)
  return problems[1]
end

helper.json, helper.null = json, null
return helper
