local guests, shape = use "tallyfy.guests", use "tallyfy.shape"

tool "get_organization_guests_list" {
  title  = "Get organization guests list";
  about  = "Lists every guest in one call: id, name, e-mail, when last seen.";
  effect = "read";
  output = {
    list  "data"      { "The guests", of = "object" };
    whole "count"     { "How many there are in all" };
    flag  "truncated" { "Whether some did not fit" };
  };
  run = function (_, call)
    local list, err = call.api:get("/organizations/{org}/guests-list")
    if not list then return nil, err end
    local rows = json.array()
    for index, guest in ipairs(list) do rows[index] = guests.row(guest) end
    local kept, truncated = shape.fit(rows)
    local text = shape.count(#rows, "guest") .. "."
    if truncated then text = text .. (" Only the first %d fit here; get_organization_guests pages."):format(#kept) end
    return { text = text, data = { data = kept, count = #rows, truncated = truncated } }
  end;
}
