tool "test_audio_content" {
  title  = "Audio";
  about  = "Answers with one sound.";
  effect = "read";
  closed = true;
  run = function ()
    return { content = { { type = "audio", mimeType = "audio/wav",
      data = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=" } } }
  end;
}
