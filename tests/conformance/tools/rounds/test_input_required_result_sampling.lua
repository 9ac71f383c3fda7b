tool "test_input_required_result_sampling" {
  title  = "One question to the model";
  about  = "Asks the client's model.";
  effect = "read";
  closed = true;
  run = function (_, call)
    local answer, err = call.sample { key = "capital_question", prompt = "What is the capital of France?", max_tokens = 100 }
    if not answer then return nil, err end
    return answer.content.text
  end;
}
