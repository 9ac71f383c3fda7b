tool "test_error_handling" {
  title  = "Error";
  about  = "Always fails, for the official conformance suite.";
  effect = "read";
  closed = true;
  run = function ()
    return nil, "This tool intentionally returns an error for testing"
  end;
}
