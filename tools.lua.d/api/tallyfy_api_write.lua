local raw = use "tallyfy.raw_api"

tool "tallyfy_api_write" {
  title  = "Write to any Tallyfy API endpoint";
  about  = "Sends a POST, PUT, PATCH or DELETE to a documented route of Tallyfy's API that no tool covers. Nothing is checked "
        .. "for you: a PUT replaces what it leaves out. Read the thing first, and prefer a tool where there is one.";
  effect = "remove";
  annotations = { idempotent = false };
  input  = {
    choice "method" { "What to do", "POST", "PUT", "PATCH", "DELETE" };
    text   "path"   { "The route, from /; ids in their places, no query in it", min = 1, max = 1024 };
    object "body"   { "JSON body", optional = true };
    object "query"  { "Flat query parameters", values = any { types = { "string", "integer", "number", "boolean" } },
                      optional = true };
  };
  output = raw.output;
  run = function (args, call) return raw.send(call, args.method, args) end;
}
