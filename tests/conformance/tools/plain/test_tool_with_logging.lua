tool "test_tool_with_logging" {
  title  = "Logging";
  about  = "Logs three lines.";
  effect = "read";
  closed = true;
  run = function (_, call)
    call.log("Tool execution started")
    call.wait(0.05)
    call.log("Tool processing data")
    call.wait(0.05)
    call.log("Tool execution completed")
    return "Logged."
  end;
}
