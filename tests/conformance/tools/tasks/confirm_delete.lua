local confirmation = form { flag "confirm" { "Whether to delete it" } }

tool "confirm_delete" {
  title  = "Delete with a question";
  about  = "Asks before it deletes; nothing is deleted.";
  effect = "read";
  closed = true;
  task   = true;
  input  = {
    text "filename" { "The file" };
  };
  run = function (args, call)
    local answer, err = call.ask { message = ("Delete %s?"):format(args.filename), fields = confirmation }
    if not answer then return nil, err end
    return answer.confirm and ("Deleted %s."):format(args.filename) or "Nothing was deleted."
  end;
}
