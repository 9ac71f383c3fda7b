local folders, page, shape = use "tallyfy.folders", use "tallyfy.page", use "tallyfy.shape"

local row_noise = { guidance = true, prerun = true, automated_actions = true, steps = true, linked_tasks = true }

tool "get_all_templates" {
  title  = "Get all templates";
  about  = "Lists the templates (the blueprints that processes are launched from), 20 to a page, pinned ones first, then "
        .. "the most recently changed. get_template shows one with its steps.";
  effect = "read";
  input  = {
    whole "page"   { "Which page, from 1", min = 1, default = 1 };
    text  "folder" { "Only templates in this folder: its id, name or path", min = 1, max = 200, optional = true };
    list   "fields" { "Only these members of each, and its id", of = "text", max = 50, optional = true };
    choice "detail" { "full: each with all its members, uncut", "short", "full", default = "short" };
  };
  output = {
    list   "data" { "The templates", of = "object" };
    object "meta" { "page, returned, total, total_pages, truncated" };
  };
  run = function (args, call)
    local query = {}
    if args.folder then
      local folder, err = folders.one(call, args.folder, "folder", "checklist")
      if not folder then return nil, err end
      query.folder = folder.id
    end
    local data, text = page.read(call, "/organizations/{org}/checklists", {
      page = args.page, fields = args.fields, detail = args.detail, query = query, noun = "template",
      row = function (template) return shape.object(template, { drop = row_noise, cut = 500 }) end })
    if not data then return nil, text end
    return { text = text, data = data }
  end;
}
