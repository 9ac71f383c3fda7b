tool "about_the_fixture" {
  title  = "About the fixture";
  about  = "Says what these tools are for. The suite probes the first tool of the list without arguments: this one.";
  effect = "read";
  closed = true;
  run = function ()
    return "Tools, resources and prompts that the official conformance suite expects of a server."
  end;
}
