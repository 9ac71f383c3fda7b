-- Not of the suite: our own talks touch any resource with it.
tool "touch" {
  title  = "Touch a resource";
  about  = "Tells everybody who watches a resource that it changed.";
  effect = "read";
  closed = true;
  input  = {
    text "uri" { "Which resource" };
  };
  run = function (args, call)
    call.changed(args.uri)
    return "Touched."
  end;
}
