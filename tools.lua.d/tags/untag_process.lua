local tags = use "tallyfy.tags"

tool "untag_process" {
  title  = "Untag process";
  about  = "Takes a tag off a process. The tag itself stays.";
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
    return tags.detach(call, "process", args.run_id, args.tag_id)
  end;
}
