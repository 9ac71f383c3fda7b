local pick, tags = use "tallyfy.pick", use "tallyfy.tags"

tool "update_tag" {
  title  = "Update tag";
  about  = "Renames or recolours a tag, everywhere it is used. What is left out stays.";
  effect = "change";
  input  = {
    text "tag_id" { "The tag: its id or title", min = 1, max = 100 };
    text "title"  { "New title, at most 30 characters", min = 1, max = 30, pattern = "\\S", optional = true };
    text "color"  { "New colour as #RRGGBB", max = 10, optional = true };
  };
  output = {
    id   "id"    { "The tag's id" };
    text "title" { "Its title" };
    text "color" { "Its colour, #RRGGBB", optional = true };
  };
  run = function (args, call)
    local something, nothing = pick.something(args, { "title", "color" })
    if not something then return nil, nothing end
    local color, err = tags.color(args.color)
    if err then return nil, err end
    local tag, failure = tags.one(call, args.tag_id)
    if not tag then return nil, failure end
    local title = pick.trimmed(args.title) or tag.title -- Tallyfy wants the title each time
    local changed, refusal = call.api:put("/organizations/{org}/tags/{tag_id}", { tag_id = tag.id,
      body = { title = title, color = color or (tag.color ~= json.null and tag.color or nil) } })
    if not changed then return tags.taken(call, title, refusal) end
    return { text = ("Changed the tag %s: %s, %s."):format(tag.title, changed.title, changed.color),
      data = tags.row(changed) }
  end;
}
