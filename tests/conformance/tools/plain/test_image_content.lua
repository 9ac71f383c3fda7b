tool "test_image_content" {
  title  = "Image";
  about  = "Answers with one image.";
  effect = "read";
  closed = true;
  run = function ()
    return { content = { { type = "image", mimeType = "image/png",
      data = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==" } } }
  end;
}
