local person = form { text "name" { "Your name" } }

tool "test_input_required_result_elicitation" {
  title  = "One question";
  about  = "Asks for a name.";
  effect = "read";
  closed = true;
  run = function (_, call)
    local answer, err = call.ask { key = "user_name", message = "What is your name?", fields = person }
    if not answer then return nil, err end
    return ("Hello, %s!"):format(answer.name)
  end;
}
