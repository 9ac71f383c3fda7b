local shape = use "tallyfy.shape"

-- Each kind of hit gets an equal share of the budget, so that many of one kind cannot hide another.
local function bucket(found, share)
  local rows = json.array()
  for index, hit in ipairs(found.data) do rows[index] = shape.object(hit, { cut = 500 }) end
  local kept, truncated = shape.fit(rows, share)
  local pagination = found.meta and found.meta.pagination or {}
  return { data = kept, meta = {
    total = pagination.total or #rows, returned = #kept, truncated = truncated,
    page = pagination.current_page, total_pages = pagination.total_pages } }
end

tool "search_all" {
  title  = "Search across all entity types";
  about  = "Finds templates (blueprint), processes, tasks and snippets whose name contains every word of the query; form "
        .. "fields (capture) and steps too when asked for. Archived processes are found, archived templates are not.";
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
  run = function (args, call)
    local types = args.types and #args.types > 0 and args.types or { "blueprint", "process", "task", "snippet" }
    local wanted = {}
    for index, kind in ipairs(types) do wanted[index] = kind end
    local found, err = call.api:get("/organizations/{org}/search", { query = {
      search = args.query, on = table.concat(wanted, ","), page = args.page, per_page = args.per_page, tags = args.tags } })
    if not found then return nil, err end

    local data, counts = {}, {}
    for _, kind in ipairs(wanted) do
      if found[kind] then
        data[kind] = bucket(found[kind], shape.budget // #wanted)
        counts[#counts + 1] = ("%s %d"):format(kind, data[kind].meta.total)
      end
    end
    return { text = "Found: " .. table.concat(counts, ", ") .. ".", data = data }
  end;
}
