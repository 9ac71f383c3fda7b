tool "call_tool" {
  title  = "Call a tool";
  about  = "Calls a tool that search_tools found, with the arguments that describe_tool shows. It counts as that tool: its "
        .. "rights, checks, approvals and answer.";
  effect = "remove"; -- the worst it may turn out to be; what counts is the effect of the tool it calls
  relay  = true;
  input  = {
    text   "name"      { "The tool", min = 1, max = 64 };
    object "arguments" { "Its arguments", optional = true };
  };
  run = function () error("the host calls the other tool in its place") end;
}
