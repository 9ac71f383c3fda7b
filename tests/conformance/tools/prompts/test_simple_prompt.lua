prompt "test_simple_prompt" {
  title = "Simple prompt";
  about = "One message, without arguments.";
  run = function ()
    return "This is a simple prompt for testing."
  end;
}
