tool "failing_job" {
  title  = "Failing job";
  about  = "Fails after a second; only as a task.";
  effect = "read";
  closed = true;
  task   = "required";
  run = function (_, call)
    call.wait(1)
    return nil, "The job failed, as it always does."
  end;
}
