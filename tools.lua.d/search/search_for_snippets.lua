tool "search_for_snippets" {
  title  = "Search for snippets";
  about  = "Finds snippets, the organization's reusable texts, whose title contains every word of the query.";
  effect = "read";
  input  = {
    text  "query"    { "Words to look for", min = 1, max = 500, pattern = "\\S" };
    whole "page"     { "Which page, from 1", min = 1, default = 1 };
    whole "per_page" { "Hits on a page", min = 1, max = 100, default = 20 };
  };
  output = {
    list   "data" { "What was found", of = "object" };
    object "meta" { "page, returned, total, total_pages, truncated" };
  };
  run = function (args, call)
    return use("tallyfy.hits").answer(call, "snippet", "snippet", args)
  end;
}
