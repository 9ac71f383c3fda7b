local named, template_view = use "tallyfy.named", use "tallyfy.template_view"

prompt "review_a_template" {
  title = "Review a template's health";
  about = "Reads one template and says what will trouble the people who run it: steps nobody owns, missing deadlines, "
       .. "rules that cannot fire, fields that are asked twice.";
  input = {
    text "template" { "Which template: its name or id", title = "Template", max = 250, complete = named.template_titles };
    text "concern"  { "What you noticed, or where to look", title = "Concern", max = 1000, optional = true };
  };
  run = function (args, call)
    local id, err = named.template_or_id(call, args.template, "template", true)
    if not id then return nil, err end
    local template, failure = call.api:get("/organizations/{org}/checklists/{template_id}", {
      template_id = id, query = { with = "steps,automated_actions,prerun" } })
    if not template then return nil, failure end
    local request = ("Review the health of the template \"%s\" above."):format(template.title)
    if args.concern then request = request .. "\n\nLook at this in particular: " .. args.concern end
    return {
      description = "Review \"" .. template.title .. "\"",
      messages = {
        { content = { type = "resource", resource = {
          uri = "tallyfy://templates/" .. id, mime = "application/json", text = json.encode((template_view.of(template))) } } },
        request .. [[


Please check, and name the step, field or rule each time:
1. Steps: is it clear from each title what is to be done and when it is done? Does each have somebody who does it, and a
   deadline? Which could be one, which hide two?
2. Forms: is anything asked twice, or asked after it was needed? Are required fields really known at that moment?
3. Rules: does each have a condition that can come true and one that can come false? Do two of them contradict? Is a step
   hidden for ever?
4. Flow: what waits for one person? Where does nobody notice that it stands still?

Give me a verdict in one sentence, then the findings by weight (breaks it, slows it, untidy), each with the change you would
make. Change nothing until I choose.]],
      },
    }
  end;
}
