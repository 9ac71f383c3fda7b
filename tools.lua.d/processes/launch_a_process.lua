local named, template_view = use "tallyfy.named", use "tallyfy.template_view"

prompt "launch_a_process" {
  title = "Launch a process";
  about = "Starts a process from one of your templates: finds the template, asks for what its kick-off form needs, and "
       .. "shows you everything before it starts.";
  input = {
    text "template" { "Which template: its name or id", title = "Template", max = 250, complete = named.template_titles };
    text "details"  { "What you already know: for whom, when, kick-off values", title = "Details", max = 4000,
                      optional = true };
  };
  run = function (args, call)
    local id, err = named.template_or_id(call, args.template, "template", true)
    if not id then return nil, err end
    local template, failure = call.api:get("/organizations/{org}/checklists/{template_id}", {
      template_id = id, query = { with = "prerun" } })
    if not template then return nil, failure end
    local request = ("Launch a process from the template \"%s\" (id %s)."):format(template.title, id)
    if args.details then request = request .. "\n\nWhat I can say already: " .. args.details end
    return {
      description = "Launch \"" .. template.title .. "\"",
      messages = {
        { content = { type = "resource", resource = {
          uri = "tallyfy://templates/" .. id, mime = "application/json", text = json.encode((template_view.of(template))) } } },
        request .. [[


Please:
1. Look at the kick-off fields (prerun) of the template above. For each required one take its value from what I said, or ask
   me; ask for everything that is missing in one go, and offer the options where a field has some.
2. Suggest a name for the process that will be recognised in a list: what it is about, and the person or date it is for.
3. Show me name, owner and kick-off values as you will send them, and wait for my yes.
4. Launch it with launch_process, once. If it fails, tell me which field was wrong and do not guess a value.
5. Tell me the process's name, its first tasks and who has them.]],
      },
    }
  end;
}
