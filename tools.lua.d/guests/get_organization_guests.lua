local guests, page = use "tallyfy.guests", use "tallyfy.page"

tool "get_organization_guests" {
  title  = "Get organization guests";
  about  = "Lists guests (people outside who do single tasks) with their profiles, 20 to a page. get_guest shows one whole.";
  effect = "read";
  input  = {
    flag  "with_stats" { "Also show how many tasks each has and did", default = false };
    whole "page"       { "Which page, from 1", min = 1, default = 1 };
    list   "fields" { "Only these members of each, and its id", of = "text", max = 50, optional = true };
  };
  output = {
    list   "data" { "The guests", of = "object" };
    object "meta" { "page, returned, total, total_pages, truncated" };
  };
  run = function (args, call)
    local data, text = page.read(call, "/organizations/{org}/guests", {
      page = args.page, fields = args.fields,
      query = { with = args.with_stats and "stats" or nil }, noun = "guest", row = guests.row })
    if not data then return nil, text end
    return { text = text, data = data }
  end;
}
