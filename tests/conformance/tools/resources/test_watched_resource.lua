resource "test_watched_resource" {
  title = "Watched text";
  about = "Clients may ask to be told when this changes.";
  uri   = "test://watched-resource";
  mime  = "text/plain";
  run = function ()
    return "Watched resource content."
  end;
}
