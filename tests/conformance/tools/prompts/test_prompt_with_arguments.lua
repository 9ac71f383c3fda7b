prompt "test_prompt_with_arguments" {
  title = "Prompt with arguments";
  about = "One message with both arguments in it.";
  input = {
    text "arg1" { "First test argument", complete = { "test-one", "test-two", "other" } };
    text "arg2" { "Second test argument" };
  };
  run = function (args)
    return ("Prompt with arguments: arg1='%s', arg2='%s'"):format(args.arg1, args.arg2)
  end;
}
