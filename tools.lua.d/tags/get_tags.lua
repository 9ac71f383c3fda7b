local page, tags = use "tallyfy.page", use "tallyfy.tags"

tool "get_tags" {
  title  = "Get tags";
  about  = "Lists tags with their colours and on how many templates and processes each is, 100 to a page. Tags that Tallyfy "
        .. "made itself only with auto_generated.";
  effect = "read";
  input  = {
    whole "page"           { "Which page, from 1", min = 1, default = 1 };
    whole "per_page"       { "Tags on a page", min = 1, max = 100, default = 100 };
    text  "q"              { "Only tags whose title has these words", max = 200, optional = true };
    text  "status"         { "Passed on to Tallyfy as a filter", max = 40, optional = true };
    flag  "auto_generated" { "true: only those Tallyfy made; false: only those people made", optional = true };
    list   "fields" { "Only these members of each, and its id", of = "text", max = 50, optional = true };
  };
  output = {
    list   "data" { "The tags", of = "object" };
    object "meta" { "page, returned, total, total_pages, truncated" };
  };
  run = function (args, call)
    local data, text = page.read(call, "/organizations/{org}/tags", {
      page = args.page, fields = args.fields, per_page = args.per_page, noun = "tag", row = tags.row,
      query = { q = args.q, status = args.status, auto_generated = args.auto_generated,
        all = args.auto_generated or nil, with = "statistics" } })
    if not data then return nil, text end
    return { text = text, data = data }
  end;
}
