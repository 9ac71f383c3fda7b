local person = form { text "name" { "Your name" } }
local confirmation = form { flag "confirm" { "Whether it is right" } }

tool "multi_input" {
  title  = "Two questions at once";
  about  = "Asks two questions at the same time.";
  effect = "read";
  closed = true;
  task   = true;
  run = function (_, call)
    local answers, err = call.ask {
      { key = "name", message = "What is your name?", fields = person },
      { key = "right", message = "Is that right?", fields = confirmation },
    }
    if not answers then return nil, err end
    for _, answer in ipairs(answers) do if answer.error then return nil, answer.error end end
    return ("Thank you, %s: %s."):format(answers[1].value.name, tostring(answers[2].value.confirm))
  end;
}
