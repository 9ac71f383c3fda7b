tool "search_for_templates" {
  title  = "Search for templates";
  about  = "Finds templates whose title contains every word of the query. Archived ones are not found.";
  effect = "read";
  input  = {
    text  "query"    { "Words to look for", min = 1, max = 500, pattern = "\\S" };
    whole "page"     { "Which page, from 1", min = 1, default = 1 };
    whole "per_page" { "Hits on a page", min = 1, max = 100, default = 20 };
    flag  "tags"     { "Also show the tags of each hit", default = false };
  };
  output = {
    list   "data" { "What was found, the latest activity first", of = "object" };
    object "meta" { "page, returned, total, total_pages, truncated" };
  };
  run = function (args, call)
    return use("tallyfy.hits").answer(call, "blueprint", "template", args)
  end;
}
