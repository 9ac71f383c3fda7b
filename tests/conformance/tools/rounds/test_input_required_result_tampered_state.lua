local confirmation = form { flag "ok" { "Whether it is fine" } }

tool "test_input_required_result_tampered_state" {
  title  = "A state that must not be touched";
  about  = "Asks for a confirmation; a changed state is refused by the host.";
  effect = "read";
  closed = true;
  run = function (_, call)
    local answer, err = call.ask { key = "confirm", message = "Please confirm", fields = confirmation }
    if not answer then return nil, err end
    return "confirmed: " .. tostring(answer.ok)
  end;
}
