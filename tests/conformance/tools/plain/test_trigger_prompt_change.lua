tool "test_trigger_prompt_change" {
  title  = "The list of prompts changed";
  about  = "Tells everybody who listens that the list of prompts changed.";
  effect = "read";
  closed = true;
  run = function (_, call)
    call.changed("prompts")
    return "Told."
  end;
}
