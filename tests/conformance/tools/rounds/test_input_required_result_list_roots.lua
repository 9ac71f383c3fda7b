tool "test_input_required_result_list_roots" {
  title  = "The roots";
  about  = "Asks for the client's roots.";
  effect = "read";
  closed = true;
  run = function (_, call)
    local roots, err = call.roots { key = "client_roots" }
    if not roots then return nil, err end
    return ("%d roots"):format(#roots)
  end;
}
