local confirmation = form { flag "ok" { "Whether it is fine" } }

tool "test_input_required_result_request_state" {
  title  = "A question with state";
  about  = "Asks for a confirmation; the state goes round with the question.";
  effect = "read";
  closed = true;
  run = function (_, call)
    local answer, err = call.ask { key = "confirm", message = "Please confirm", fields = confirmation }
    if not answer then return nil, err end
    return "state-ok: " .. tostring(answer.ok)
  end;
}
