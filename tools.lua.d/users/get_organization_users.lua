local members, page = use "tallyfy.members", use "tallyfy.page"

tool "get_organization_users" {
  title  = "Get organization users";
  about  = "Lists members with their profiles, 20 to a page: active, invited and disabled ones, told apart by `status`. "
        .. "No guests. Its total is higher than users_count of get_organization, which counts active members only.";
  effect = "read";
  input  = {
    flag  "with_groups" { "Also show each member's groups", default = false };
    whole "page"        { "Which page, from 1", min = 1, default = 1 };
    list   "fields" { "Only these members of each, and its id", of = "text", max = 50, optional = true };
    choice "detail" { "full: each with all its members, uncut", "short", "full", default = "short" };
  };
  output = {
    list   "data" { "The members", of = "object" };
    object "meta" { "page, returned, total, total_pages, truncated" };
  };
  run = function (args, call)
    local data, text = page.read(call, "/organizations/{org}/users", {
      page = args.page, fields = args.fields, detail = args.detail,
      query = { with = args.with_groups and "groups" or nil }, noun = "member", row = members.row })
    if not data then return nil, text end
    return { text = text, data = data }
  end;
}
