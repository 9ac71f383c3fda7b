local shape = use "tallyfy.shape"

tool "get_organization_users_list" {
  title  = "Get organization users list";
  about  = "Lists every member of the organization in one call: id, name, e-mail, role, status. "
        .. "Use it to find the person that a name or e-mail address means.";
  effect = "read";
  output = {
    list  "data"      { "id, full_name, email, role and status of each", of = "object" };
    whole "count"     { "How many there are" };
    flag  "truncated" { "Whether some did not fit" };
  };
  run = function (_, call)
    local members, err = call.api:get("/organizations/{org}/users-list")
    if not members then return nil, err end
    local rows = json.array()
    for index, member in ipairs(members) do
      rows[index] = shape.object(member, { drop = { profile_pic = true }, cut = 500 })
    end
    local kept, truncated = shape.fit(rows)
    local text = shape.count(#rows, "member") .. "."
    if truncated then text = text .. (" Only the first %d fit here; get_organization_users pages."):format(#kept) end
    return { text = text, data = { data = kept, count = #rows, truncated = truncated } }
  end;
}
