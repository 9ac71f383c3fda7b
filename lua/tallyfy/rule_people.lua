-- rule_people.lua - whom the rules of a template name: ids of members and groups to names, for sentences, and for finding who
-- is not there any more. Asks only where some rule names somebody; what cannot be read stays unknown, and is then
-- neither named nor missed.
local blueprint, groups, pick = use "tallyfy.blueprint", use "tallyfy.groups", use "tallyfy.pick"

local rule_people = {}

local given = blueprint.given

local function names_any(list_of_actions, bucket)
  for _, actions in ipairs(list_of_actions) do
    for _, action in ipairs(actions) do
      if #(pick.list((given(action.assignees) or {})[bucket]) or {}) > 0 then return true end
    end
  end
  return false
end

local function names_of(list, key)
  if not list then return nil end
  local names = {}
  for _, one in ipairs(list) do names[tostring(one.id)] = given(one[key]) or tostring(one.id) end
  return names
end

-- Sets model.people and model.groups: names by id as text, nil where nobody is named or nothing can be read. <more>:
-- actions of a rule that is about to be written.
function rule_people.read(call, model, more)
  local all = { more or {} }
  for _, rule in ipairs(model.rules) do all[#all + 1] = rule.actions end
  if names_any(all, "users") then
    model.people = names_of((call.api:get("/organizations/{org}/users-list")), "full_name")
  end
  if names_any(all, "groups") then model.groups = names_of((groups.all(call)), "name") end
  return model
end

-- The members and groups that an action gives work to and that are not there (any more), in words.
function rule_people.missing(model, action)
  local gone, assignees = {}, given(action.assignees) or {}
  local gives = action.action_verb == "assign" or action.action_verb == "assign_only"
  for _, bucket in ipairs { "users", "groups" } do
    local known = bucket == "users" and model.people or bucket == "groups" and model.groups
    for _, id in ipairs(gives and known and pick.list(assignees[bucket]) or {}) do
      if not known[tostring(id)] then gone[#gone + 1] = (bucket == "users" and "member " or "group ") .. tostring(id) end
    end
  end
  return gone
end

return rule_people
