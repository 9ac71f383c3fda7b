local person = form { text "name" { "Your name" } }

tool "test_input_required_result_capabilities" {
  title  = "Only what the client can";
  about  = "Asks the person and the model, as far as the client can.";
  effect = "read";
  closed = true;
  run = function (_, call)
    local answers, err = call.ask {
      { key = "user_name", message = "What is your name?", fields = person },
      { key = "greeting", sample = { prompt = "Generate a greeting", max_tokens = 50 } },
    }
    if not answers then return nil, err end
    local received = 0
    for _, answer in ipairs(answers) do if answer.value then received = received + 1 end end
    return ("%d of %d answers"):format(received, #answers)
  end;
}
