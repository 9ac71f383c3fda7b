-- Snippets, which the API calls text templates (api.md 23), and the interface's own description.
local answers = require "practice.answers"
local json = require "json"
local lists = require "practice.lists"
local shapes = require "practice.shapes"

local snippets = {}

local function list(request)
  local words = lists.words(request:text("q") or "")
  local found = lists.filter(request.organization.snippets.list, function (snippet)
    return lists.has_words(snippet.title, words)
  end)
  answers.sort(found, function (snippet) return snippet.title:lower() end)
  return answers.list(request, found, { default = 10, maximum = 100 }, shapes.snippet)
end

-- Swagger 2.0 without an envelope: the paths that this organisation serves, by method.
local function description(request)
  local paths = {}
  for _, route in ipairs(request.routes) do
    local method, path = route[1]:lower(), route[2]
    paths[path] = paths[path] or {}
    paths[path][method] = { responses = { default = { description = "See the documentation." } } }
  end
  return { status = 200, body = {
    swagger = "2.0", info = { title = "Tallyfy API (practice organisation)", version = "2" }, basePath = "/",
    schemes = json.array({ "http" }), paths = paths,
  } }
end

snippets.routes = {
  { "GET", "/organizations/{org}/text-templates", list },
  { "GET", "/docs/index", description },
}

return snippets
