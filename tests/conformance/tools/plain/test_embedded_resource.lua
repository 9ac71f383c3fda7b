tool "test_embedded_resource" {
  title  = "Embedded resource";
  about  = "Answers with a resource inside the result.";
  effect = "read";
  closed = true;
  run = function ()
    return { content = { { type = "resource", resource = { uri = "test://embedded-resource",
      mimeType = "text/plain", text = "This is an embedded resource content." } } } }
  end;
}
