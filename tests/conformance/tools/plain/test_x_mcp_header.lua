tool "test_x_mcp_header" {
  title  = "Mirrored parameter";
  about  = "Takes a parameter that clients mirror in a header.";
  effect = "read";
  closed = true;
  input  = {
    text "region" { "Any region", optional = true, header = "Region" };
  };
  run = function (args)
    return "Region: " .. (args.region or "not given")
  end;
}
