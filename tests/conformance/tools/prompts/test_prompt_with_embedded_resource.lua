prompt "test_prompt_with_embedded_resource" {
  title = "Prompt with a resource";
  about = "A message that carries a resource, and a text.";
  input = {
    text "resourceUri" { "URI of the resource to embed" };
  };
  run = function (args)
    return { messages = {
      { role = "user", content = { type = "resource", resource = { uri = args.resourceUri, mimeType = "text/plain",
        text = "Embedded resource content for testing." } } },
      { role = "user", content = "Please process the embedded resource above." },
    } }
  end;
}
