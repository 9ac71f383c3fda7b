local hits, pick = use "tallyfy.hits", use "tallyfy.pick"

tool "search_all" {
  title  = "Search across all entity types";
  about  = "Finds templates (blueprint), processes, tasks and snippets whose name contains every word of the query, of tasks "
        .. "also the process's name; form fields (capture) and steps too when asked for. Archived processes are found, "
        .. "archived templates are not.";
  effect = "read";
  input  = {
    text  "query"    { "Words to look for", min = 1, max = 500, pattern = "\\S" };
    list  "types"    { "Kinds to search; blueprint, process, task and snippet if left out",
                       items = choice { "blueprint", "process", "task", "snippet", "capture", "step" },
                       optional = true };
    whole "page"     { "Which page, from 1", min = 1, default = 1 };
    whole "per_page" { "Hits of each kind on a page", min = 1, max = 100, default = 20 };
    flag  "tags"     { "Also show the tags of each hit", default = false };
  };
  output = {
    object "blueprint" { "Templates found: data and meta", optional = true };
    object "process" { "Processes found: data and meta", optional = true };
    object "task" { "Tasks found: data and meta", optional = true };
    object "snippet" { "Snippets found: data and meta", optional = true };
    object "capture" { "Form fields found: data and meta", optional = true };
    object "step" { "Steps found: data and meta", optional = true };
  };
  run = function (args, call)
    local types = args.types and #args.types > 0 and args.types or { "blueprint", "process", "task", "snippet" }
    local wanted = {}
    for index, kind in ipairs(types) do wanted[index] = kind end
    local found, err = call.api:get("/organizations/{org}/search", { query = { search = pick.searchable(args.query),
      on = table.concat(wanted, ","), page = args.page, per_page = args.per_page, tags = args.tags } })
    if not found then return nil, err end

    local data, counts, cut = hits.share(call, wanted, found), {}, {}
    for _, kind in ipairs(wanted) do
      local meta = data[kind] and data[kind].meta
      counts[#counts + 1] = meta and ("%s %d"):format(kind, meta.total)
      cut[#cut + 1] = meta and meta.truncated and kind or nil
    end
    local text = "Found: " .. table.concat(counts, ", ") .. "."
    if #cut > 0 then
      text = ("%s Not all of this page fit: %s; a smaller per_page shows them."):format(text, table.concat(cut, ", "))
    end
    return { text = text, data = data }
  end;
}
