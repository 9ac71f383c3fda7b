resource "test_static_text" {
  title = "Static text";
  about = "A text that never changes.";
  uri   = "test://static-text";
  mime  = "text/plain";
  run = function ()
    return "This is the content of the static text resource."
  end;
}
