local members, shape = use "tallyfy.members", use "tallyfy.shape"

-- How many tasks wait for the member, or nil when that cannot be read: worth a word, not worth a refusal.
local function open_tasks(call, member)
  local tasks, whole = call.api:get("/organizations/{org}/users/{user_id}/tasks", {
    user_id = member.id, query = { status = "incomplete", per_page = 1 } })
  local pagination = tasks and whole.meta and whole.meta.pagination
  return pagination and pagination.total
end

tool "disable_user" {
  title  = "Disable user";
  about  = "Shuts a member out at once and frees the seat. Their tasks stay with them: hand those over first. enable_user "
        .. "lets them in again. For administrators.";
  effect = "remove";
  input  = {
    any "user_id" { "The member: the number, the e-mail address or the full name", types = { "integer", "string" } };
  };
  run = function (args, call)
    local member, err = members.one(call, args.user_id, "user_id")
    if not member then return nil, err end
    if member.status == "disabled" then
      return { text = "Nothing to change: " .. members.sentence(member), data = members.row(member) }
    end
    if member.is_default_admin == true then return members.protected(member) end
    if member.id == call.user.id then
      return nil, { code = "refused", field = "user_id", message = "That is you: you would shut yourself out.",
        hint = "Another administrator can do it." }
    end
    local waiting = open_tasks(call, member)
    local disabled, failure = call.api:delete("/organizations/{org}/users/{user_id}/disable", { user_id = member.id })
    if not disabled then return nil, failure end
    local text = ("Disabled: %s."):format(member.full_name)
    if waiting and waiting > 0 then
      text = text .. (" %s still assigned to them."):format(shape.count(waiting, "open task"))
    end
    local data = members.row(disabled == true and member or disabled)
    data.open_tasks = waiting
    return { text = text, data = data }
  end;
}
