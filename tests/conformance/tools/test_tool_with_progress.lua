tool "test_tool_with_progress" {
  title  = "Progress";
  about  = "Reports progress three times, for the official conformance suite.";
  effect = "read";
  closed = true;
  run = function (_, call)
    for done = 0, 100, 50 do call.progress(done, 100, "working") end
    return "done"
  end;
}
