prompt "test_prompt_with_image" {
  title = "Prompt with an image";
  about = "A message that carries an image, and a text.";
  run = function ()
    return { messages = {
      { role = "user", content = { type = "image", mimeType = "image/png",
        data = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==" } },
      { role = "user", content = "Please analyze the image above." },
    } }
  end;
}
