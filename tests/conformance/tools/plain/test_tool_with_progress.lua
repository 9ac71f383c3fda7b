tool "test_tool_with_progress" {
  title  = "Progress";
  about  = "Reports progress three times.";
  effect = "read";
  closed = true;
  run = function (_, call)
    for done = 0, 100, 50 do
      call.progress(done, 100, ("Completed step %d of 100"):format(done))
      call.wait(0.05)
    end
    return "Done."
  end;
}
