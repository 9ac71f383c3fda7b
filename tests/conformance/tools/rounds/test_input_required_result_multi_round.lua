local person = form { text "name" { "Your name" } }
local taste  = form { text "color" { "A colour" } }

tool "test_input_required_result_multi_round" {
  title  = "Two rounds";
  about  = "Asks a second question after the first was answered.";
  effect = "read";
  closed = true;
  run = function (_, call)
    local first, err = call.ask { key = "step1", message = "Step 1: What is your name?", fields = person }
    if not first then return nil, err end
    local second
    second, err = call.ask { key = "step2", message = "Step 2: What is your favorite color?", fields = taste }
    if not second then return nil, err end
    return ("%s likes %s."):format(first.name, second.color)
  end;
}
