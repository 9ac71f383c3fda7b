tool "test_reconnection" {
  title  = "Reconnection";
  about  = "Lets the connection go while it works; the client comes back for the answer.";
  effect = "read";
  closed = true;
  run = function (_, call)
    call.detach()
    call.wait(0.1)
    return "Reconnection test completed successfully."
  end;
}
