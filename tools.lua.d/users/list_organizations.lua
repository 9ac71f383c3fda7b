local shape = use "tallyfy.shape"

local how = "Each connection works in one organization and cannot switch by itself: to work in another one, connect again with "
  .. "its id (header X-Tallyfy-Org-Id, or TALLYFY_ORG_ID; a token with an organization of its own belongs to that one)."

tool "list_organizations" {
  title  = "List organizations";
  about  = "Lists the organizations that the person belongs to, and which one this connection works in. Says what a person does "
        .. "to work in another one.";
  effect = "read";
  output = {
    list "data"       { "Organizations: id, name, timezone, is_current", of = "object" };
    text "current_id" { "The one this connection works in" };
    text "how_to_switch" { "What a person does to work in another one" };
  };
  run = function (_, call)
    local list, err = call.api:pages("/me/organizations", { query = { per_page = 100 } }, { max = 500 })
    if not list then return nil, err end
    local rows, names = json.array(), {}
    for index, one in ipairs(list) do
      local is_current = one.id == call.org.id
      rows[index] = { id = one.id, name = one.name, timezone = one.timezone, is_current = is_current }
      names[index] = is_current and one.name .. " (this one)" or one.name
    end
    local text = ("%s: %s."):format(shape.count(#rows, "organization"), table.concat(names, ", "))
    if #rows > 1 then text = text .. " " .. how end
    return { text = text, data = { data = rows, current_id = call.org.id, how_to_switch = how } }
  end;
}
