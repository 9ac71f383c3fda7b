tool "test_error_handling" {
  title  = "Error";
  about  = "Always fails.";
  effect = "read";
  closed = true;
  run = function ()
    return nil, "This tool intentionally returns an error for testing"
  end;
}
