local tags = use "tallyfy.tags"

tool "untag_template" {
  title  = "Untag template";
  about  = "Takes a tag off a template. The tag itself stays.";
  effect = "change";
  input  = {
    text "tag_id"      { "The tag: its id or title", min = 1, max = 100 };
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
  };
  output = {
    text "template_id"    { "The template" };
    text "title"          { "Its name" };
    text "tag_id"         { "The tag" };
    text "tag"            { "Its title" };
    any  "association_id" { "What ties the two", types = { "string", "integer" }, optional = true };
  };
  run = function (args, call)
    return tags.detach(call, "template", args.template_id, args.tag_id)
  end;
}
