tool "test_simple_text" {
  title  = "Simple text";
  about  = "Answers with one text.";
  effect = "read";
  closed = true;
  run = function ()
    return "This is a simple text response for testing."
  end;
}
