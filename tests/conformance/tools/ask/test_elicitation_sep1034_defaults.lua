local profile = form {
  text   "name"     { "Your name", default = "John Doe" };
  whole  "age"      { "Your age", default = 30 };
  number "score"    { "Your score", default = 95.5 };
  choice "status"   { "Your status", "active", "inactive", "pending", default = "active" };
  flag   "verified" { "Whether it was verified", default = true };
}

tool "test_elicitation_sep1034_defaults" {
  title  = "Defaults in a form";
  about  = "Asks with a default for every kind of field.";
  effect = "read";
  closed = true;
  run = function (_, call)
    local answer, err = call.ask { message = "Please review and update the form fields with defaults", fields = profile }
    if not answer then return nil, err end
    return "Elicitation completed: action=accept, content=" .. json.encode(answer)
  end;
}
