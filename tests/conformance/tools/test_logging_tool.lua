tool "test_logging_tool" {
  title  = "Logging";
  about  = "Writes a line to the log, for the official conformance suite: a client that did not ask sees none of it.";
  effect = "read";
  closed = true;
  run = function (_, call)
    call.log("a line that no client asked for")
    return "logged"
  end;
}
