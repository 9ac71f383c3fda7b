tool "get_process_folders" {
  title  = "Get process folders";
  about  = "Shows the folders for processes as a tree, in their order.";
  effect = "read";
  input  = {
    text "q" { "Only folders with this in their name, at any depth, and what is above and below them", max = 200,
               optional = true };
  };
  output = {
    list  "data"      { "The folders at the top, with children", of = "object" };
    whole "count"     { "How many there are in all" };
    flag  "truncated" { "Whether some did not fit" };
  };
  run = function (args, call)
    return use("tallyfy.folders").listing(call, "run", args.q)
  end;
}
