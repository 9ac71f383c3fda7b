tool "protocol_error_job" {
  title  = "Broken job";
  about  = "Breaks after a moment; only as a task.";
  effect = "read";
  closed = true;
  task   = "required";
  run = function (_, call)
    call.wait(0.2)
    error("this job is broken on purpose")
  end;
}
