tool "slow_compute" {
  title  = "Slow computation";
  about  = "Takes as many seconds as it is told to.";
  effect = "read";
  closed = true;
  task   = true;
  limits = { time = "2min" };
  input  = {
    number "seconds" { "How long it takes", min = 0, max = 90 };
    text   "label"   { "What to call it", optional = true };
  };
  run = function (args, call)
    if args.seconds > 0 then call.wait(args.seconds) end
    return ("Computed %s in %g s."):format(args.label or "it", args.seconds)
  end;
}
