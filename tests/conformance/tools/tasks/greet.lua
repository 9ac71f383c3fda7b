tool "greet" {
  title  = "Greeting";
  about  = "Greets somebody, at once.";
  effect = "read";
  closed = true;
  input  = {
    text "name" { "Whom to greet" };
  };
  run = function (args)
    return ("Hello, %s!"):format(args.name)
  end;
}
