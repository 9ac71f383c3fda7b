-- What the official suite's scenarios expect (tools-call-simple-text, tools-call-error, server-stateless).
tool "test_simple_text" {
  title  = "Simple text";
  about  = "Answers with one text, for the official conformance suite.";
  effect = "read";
  closed = true;
  run = function ()
    return "This is a simple text response for testing."
  end;
}
