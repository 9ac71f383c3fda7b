local named = use "tallyfy.named"

resource "template" {
  title = "A template";
  about = "One template in full: its steps, kick-off fields (prerun) and automation rules.";
  uri   = "tallyfy://templates/{template_id}";
  mime  = "application/json";
  input = {
    id "template_id" { "The template", complete = named.template_ids };
  };
  run = function (args, call)
    local template, err = call.api:get("/organizations/{org}/checklists/{template_id}", {
      template_id = args.template_id, query = { with = "steps,automated_actions,prerun" } })
    if not template then return nil, err end
    return { data = use("tallyfy.shape").object(template) }
  end;
}
