local pick, tags = use "tallyfy.pick", use "tallyfy.tags"

tool "create_tag" {
  title  = "Create tag";
  about  = "Makes a tag. Its title must be new in the organization. tag_template and tag_process put it on things.";
  effect = "add";
  input  = {
    text "title" { "Title, at most 30 characters", min = 1, max = 30, pattern = "\\S" };
    text "color" { "Colour as #RRGGBB; grey if left out", max = 10, optional = true };
  };
  output = {
    id   "id"    { "The tag's id" };
    text "title" { "Its title" };
    text "color" { "Its colour, #RRGGBB", optional = true };
  };
  run = function (args, call)
    local color, err = tags.color(args.color)
    if err then return nil, err end
    local title = pick.trimmed(args.title)
    local tag, failure = call.api:post("/organizations/{org}/tags", { body = { title = title, color = color } })
    if not tag then return tags.taken(call, title, failure) end
    return { text = ("Created the tag %s."):format(tag.title), data = tags.row(tag) }
  end;
}
