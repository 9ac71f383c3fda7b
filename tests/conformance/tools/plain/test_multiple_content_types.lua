tool "test_multiple_content_types" {
  title  = "Several kinds of content";
  about  = "Answers with a text, an image and a resource.";
  effect = "read";
  closed = true;
  run = function ()
    return { content = {
      { type = "text", text = "Multiple content types test:" },
      { type = "image", mimeType = "image/png",
        data = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==" },
      { type = "resource", resource = { uri = "test://mixed-content-resource",
        mimeType = "application/json", text = '{"test":"data","value":123}' } },
    } }
  end;
}
