local background = form { text "context" { "Context for the prompt" } }

prompt "test_input_required_result_prompt" {
  title = "Prompt with a question";
  about = "Asks for context before it answers.";
  run = function (_, call)
    local answer, err = call.ask { key = "user_context", message = "What context should the prompt use?", fields = background }
    if not answer then return nil, err end
    return "Use this context: " .. answer.context
  end;
}
