local raw = use "tallyfy.raw_api"

tool "tallyfy_api_read" {
  title  = "Read any Tallyfy API endpoint";
  about  = "Reads a documented route of Tallyfy's API that no tool covers, such as /organizations/{org}/activity-feeds. {org} is "
        .. "your organization. Prefer a tool where there is one.";
  effect = "read";
  input  = {
    text   "path"   { "The route, from /; ids in their places, no query in it", min = 1, max = 1024 };
    object "query"  { "Flat query parameters", values = any { types = { "string", "integer", "number", "boolean" } },
                      optional = true };
    choice "method" { "Always GET", "GET", default = "GET" };
  };
  output = raw.output;
  run = function (args, call) return raw.send(call, "GET", args) end;
}
