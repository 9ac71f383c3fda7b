local colour = form { text "colour" { "A colour" } }

tool "test_streaming_elicitation" {
  title  = "A question on the way";
  about  = "Asks a question, in whatever way the client can be asked.";
  effect = "read";
  closed = true;
  run = function (_, call)
    local answer, err = call.ask { key = "colour", message = "Which colour?", fields = colour }
    if not answer then return nil, err end
    return "Colour: " .. answer.colour
  end;
}
