local person = form { text "name" { "Your name" } }

tool "test_input_required_result_multiple_inputs" {
  title  = "Three questions at once";
  about  = "Asks the person, the model and the client at the same time.";
  effect = "read";
  closed = true;
  run = function (_, call)
    local answers, err = call.ask {
      { key = "user_name", message = "What is your name?", fields = person },
      { key = "greeting", sample = { prompt = "Generate a greeting", max_tokens = 50 } },
      { key = "client_roots", roots = true },
    }
    if not answers then return nil, err end
    for _, answer in ipairs(answers) do if answer.error then return nil, answer.error end end
    return ("Hello, %s; %s; %d roots."):format(answers[1].value.name, answers[2].value.content.text, #answers[3].value)
  end;
}
