local person = form {
  text "username" { "Your name" };
  text "email"    { "Your e-mail address" };
}

tool "test_elicitation" {
  title  = "Elicitation";
  about  = "Asks the person for a name and an address.";
  effect = "read";
  closed = true;
  input  = {
    text "message" { "What to say" };
  };
  run = function (args, call)
    local answer, err = call.ask { message = args.message, fields = person }
    if answer then return "User response: action=accept, content=" .. json.encode(answer) end
    if err.code == "declined" or err.code == "cancelled" then return "User response: action=" .. err.code end
    return nil, err
  end;
}
