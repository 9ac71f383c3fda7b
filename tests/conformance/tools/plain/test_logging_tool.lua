tool "test_logging_tool" {
  title  = "Quiet logging";
  about  = "Logs a line: a client that did not ask for the log sees none of it.";
  effect = "read";
  closed = true;
  run = function (_, call)
    call.log("a line that no client asked for")
    return "Logged."
  end;
}
