tool "test_trigger_tool_change" {
  title  = "The list of tools changed";
  about  = "Tells everybody who listens that the list of tools changed.";
  effect = "read";
  closed = true;
  run = function (_, call)
    call.changed("tools")
    return "Told."
  end;
}
