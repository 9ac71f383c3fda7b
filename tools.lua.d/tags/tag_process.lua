local tags = use "tallyfy.tags"

tool "tag_process" {
  title  = "Tag process";
  about  = "Puts a tag on an active process. Nothing happens when it is there already.";
  effect = "change";
  input  = {
    text "run_id" { "The process: its id or name", min = 1, max = 550 };
    text "tag_id" { "The tag: its id or title", min = 1, max = 100 };
  };
  output = {
    text "run_id"         { "The process" };
    text "name"           { "Its name" };
    text "tag_id"         { "The tag" };
    text "tag"            { "Its title" };
    any  "association_id" { "What ties the two", types = { "string", "integer" }, optional = true };
  };
  run = function (args, call)
    return tags.attach(call, "process", args.run_id, args.tag_id)
  end;
}
