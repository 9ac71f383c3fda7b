tool "test_sampling" {
  title  = "Sampling";
  about  = "Asks the client's model.";
  effect = "read";
  closed = true;
  input  = {
    text "prompt" { "What to ask" };
  };
  run = function (args, call)
    local answer, err = call.sample { prompt = args.prompt, max_tokens = 100 }
    if not answer then return nil, err end
    return "LLM response: " .. answer.content.text
  end;
}
