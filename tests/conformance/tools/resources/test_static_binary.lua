resource "test_static_binary" {
  title = "Static image";
  about = "A picture of one point.";
  uri   = "test://static-binary";
  mime  = "image/png";
  run = function ()
    return { blob = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==" }
  end;
}
