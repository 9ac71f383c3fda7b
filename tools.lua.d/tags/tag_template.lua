local tags = use "tallyfy.tags"

tool "tag_template" {
  title  = "Tag template";
  about  = "Puts a tag on an active template. Nothing happens when it is there already.";
  effect = "change";
  input  = {
    text "template_id" { "The template: its id or title", min = 1, max = 250 };
    text "tag_id"      { "The tag: its id or title", min = 1, max = 100 };
  };
  output = {
    text "template_id"    { "The template" };
    text "title"          { "Its name" };
    text "tag_id"         { "The tag" };
    text "tag"            { "Its title" };
    any  "association_id" { "What ties the two", types = { "string", "integer" }, optional = true };
  };
  run = function (args, call)
    return tags.attach(call, "template", args.template_id, args.tag_id)
  end;
}
