-- mention.lua - people named in a comment, in the one form that Tallyfy acts on: @[id]. Anything else is plain text
-- to it, and nobody is told. A mention also lets the person see the task.
-- Understood: @[id], @"Full Name", @name@host, @12345 (4 to 10 digits), @username, and the editor's own
-- <span data-id="...">, which stays as it is, with the mark put in front of the text.
-- A quoted name or @[id] that fits nobody is an error; other words after an @ may mean something else and stay.
local members, people = use "tallyfy.members", use "tallyfy.people"

local mention = {}

-- Pieces that are done are put aside: control characters stand for them, which comments do not have.
local function put_aside(state, piece)
  state.pieces[#state.pieces + 1] = piece
  return ("\1%d\2"):format(#state.pieces)
end

local function mark(state, member)
  if not state.told[member.id] then
    state.told[member.id] = true
    state.names[#state.names + 1] = member.full_name
  end
  return put_aside(state, ("@[%d]"):format(member.id))
end

local function refuse(state, code, message, hint)
  state.err = state.err or { code = code, field = "content", message = message, hint = hint }
end

-- The member that satisfies <same>; none is nil, several an error.
local function only(state, token, same)
  local found = {}
  for _, member in ipairs(state.roster) do
    if same(member) then found[#found + 1] = member end
  end
  if #found > 1 then
    refuse(state, "ambiguous", ("%s could be: %s."):format(token, people.names_of(found)),
      "Mention them by number, such as @[41002]: get_organization_users_list shows the ids.")
  end
  return #found == 1 and found[1] or nil
end

local function equal(key, wanted)
  wanted = wanted:lower()
  return function (member) return type(member[key]) == "string" and member[key]:lower() == wanted end
end

local function by_id(id)
  return function (member) return member.id == id end
end

local function unknown(state, token)
  refuse(state, "not_found", ("%s is no member of this organization."):format(token),
    "get_organization_users_list shows everyone. Guests are mentioned as +e-mail.")
end

-- In the order in which they are looked for. Each gives the text to put in place, or nil to leave it.
local readings = {
  { "@%[(%d+)%]", function (state, id)
    local member = only(state, "@[" .. id .. "]", by_id(math.tointeger(tonumber(id))))
    if not member then return unknown(state, "@[" .. id .. "]") end
    return mark(state, member)
  end },
  { '@"([^"\n]+)"', function (state, name)
    local token = ('@"%s"'):format(name)
    local member = only(state, token, equal("full_name", name))
    if not member then return unknown(state, token) end
    return mark(state, member)
  end },
  { "@([%w._%%+-]+@[%w-]+[%w.-]*%.%a%a+)", function (state, email)
    local member = only(state, "@" .. email, equal("email", email))
    if member then return mark(state, member) end
    state.left[#state.left + 1] = "@" .. email
    return put_aside(state, "@" .. email)
  end },
  { "@(%w[%w._-]*)", function (state, word)
    local name, rest = word:match("^(.-)([._-]*)$")
    local number = name:match("^%d+$") and #name >= 4 and #name <= 10 and math.tointeger(tonumber(name))
    local member = only(state, "@" .. name, number and by_id(number) or equal("username", name))
    if member then return mark(state, member) .. rest end
    state.left[#state.left + 1] = "@" .. name
  end },
}

-- An @ inside a word is none: name@host is an address and nobody is meant.
local function starts_here(text, at)
  return at == 1 or not text:sub(at - 1, at - 1):match("[%w._%%+-]")
end

local function read_body(state)
  for _, reading in ipairs(readings) do
    local text = state.text
    state.text = text:gsub("()" .. reading[1], function (at, token)
      if starts_here(text, at) then return reading[2](state, token) end
    end)
  end
end

-- What needs no roster: the editor's spans, and groups, which are mentioned by their hex id.
local function set_aside(state)
  state.text = state.text:gsub("[\1\2]", ""):gsub("<span[^>]*>.-</span>", function (span)
    local id = span:match('data%-id="(%d+)"')
    if not id then return nil end
    state.spans[#state.spans + 1] = math.tointeger(tonumber(id))
    return put_aside(state, span)
  end):gsub("@%[%x*%a%x*%]", function (group) return put_aside(state, group) end)
end

-- The marks of those who are not in the text itself: by span, then by sent_to.
local function in_front(state, sent_to)
  local marks = {}
  local function add(id, name)
    if state.told[id] then return end
    state.told[id] = true
    state.names[#state.names + 1] = name
    marks[#marks + 1] = ("@[%d] "):format(id)
  end
  for _, id in ipairs(state.spans) do
    local member = only(state, "data-id " .. id, by_id(id))
    if member then add(id, member.full_name) else unknown(state, ("data-id=%q"):format(id)) end
  end
  local ids, names = members.ids(state.call, sent_to, "sent_to", state.roster)
  if not ids then
    state.err = state.err or names
    return ""
  end
  for _, id in ipairs(ids) do add(id, names[id]) end
  return table.concat(marks)
end

-- The text to store; the names of those who are told; words that stayed text. Or nil and the error. The roster is
-- read only when somebody may be meant.
function mention.apply(call, content, sent_to)
  local state = { call = call, text = content:match("^%s*(.-)%s*$"), pieces = {}, told = {}, names = {}, left = {},
    spans = {}, roster = {} }
  set_aside(state)
  local meant = (" " .. state.text):find('[^%w._%%+-]@[%w%["]') or #state.spans > 0 or (sent_to and #sent_to > 0)
  if meant then
    local err
    state.roster, err = call.api:get("/organizations/{org}/users-list")
    if not state.roster then return nil, err end
    read_body(state)
  end
  local front = in_front(state, sent_to)
  if state.err then return nil, state.err end
  -- Pieces never hold pieces: one pass puts all of them back.
  return front .. state.text:gsub("\1(%d+)\2", function (number)
    return state.pieces[math.tointeger(tonumber(number))]
  end), state.names, state.left
end

-- " Told: A, B." and what nobody was told of.
function mention.sentence(names, left)
  local text = ""
  if #names > 0 then text = (" Told: %s."):format(table.concat(names, ", ")) end
  if #left > 0 then text = text .. (" These stayed text, nobody is called so: %s."):format(table.concat(left, ", ")) end
  return text
end

return mention
