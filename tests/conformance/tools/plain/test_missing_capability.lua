tool "test_missing_capability" {
  title  = "Needs sampling";
  about  = "Only for clients that can ask their model.";
  effect = "read";
  closed = true;
  needs  = { "sampling" };
  run = function ()
    return "This client can ask its model."
  end;
}
