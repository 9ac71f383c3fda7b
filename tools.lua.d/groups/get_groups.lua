local groups, shape = use "tallyfy.groups", use "tallyfy.shape"

tool "get_groups" {
  title  = "Get groups";
  about  = "Lists all groups (teams) with the ids of their members and the addresses of their guests. get_group names them.";
  effect = "read";
  input  = {
    text "q" { "Only groups whose name or description has these words", max = 200, optional = true };
  };
  output = {
    list  "data"      { "The groups", of = "object" };
    whole "count"     { "How many there are in all" };
    flag  "truncated" { "Whether some did not fit" };
  };
  run = function (args, call)
    local all, err = groups.all(call, args.q)
    if not all then return nil, err end
    local rows = json.array()
    for index, group in ipairs(all) do rows[index] = groups.row(group) end
    local kept, truncated = shape.fit(rows)
    local text = #rows == 0 and "No groups." or shape.count(#rows, "group") .. "."
    if truncated then text = text .. (" Only the first %d fit here: narrow it with q."):format(#kept) end
    return { text = text, data = { data = kept, count = #rows, truncated = truncated } }
  end;
}
