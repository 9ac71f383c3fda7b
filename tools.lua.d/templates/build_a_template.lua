prompt "build_a_template" {
  title = "Build a template from a description";
  about = "Turns the description of how something is done into a template: steps, kick-off form, fields, deadlines and "
       .. "rules. You see the plan before anything is made.";
  input = {
    text   "description" { "How it is done: who does what, in which order, what may differ", title = "Description",
                           min = 10, max = 8000 };
    text   "name"        { "What the template shall be called", title = "Name", max = 250, optional = true };
    choice "detail"      { "How much at once", "outline first", "everything", title = "Detail", optional = true };
  };
  run = function (args)
    local request = "Build a Tallyfy template from this description:\n\n" .. args.description
    if args.name then request = request .. ("\n\nIt shall be called \"%s\"."):format(args.name) end
    if args.detail == "outline first" then
      request = request .. "\n\nShow me an outline of the steps first; fields and rules come when I agree with it."
    end
    return {
      description = args.name and ("Build \"%s\""):format(args.name) or nil,
      messages = { request .. [[


Please:
1. Look whether there is one already: search_all with the main words. If a template is close, tell me, and ask whether to
   change that one.
2. Plan it, and show me the plan as a table: each step with its title (a verb first), who does it, its deadline after the
   one before, the form fields it needs, and whether it is an approval. What has to be known before anything starts belongs
   into the kick-off form, not into the first step.
3. Where the description says "if", plan a rule: which answer shows or hides which step. Every rule needs a field that
   decides it; add the field if there is none.
4. Ask me about gaps in one go: an owner nobody named, a deadline, a decision without criteria. Do not invent people.
5. When I agree, build in this order: the template, its steps, the fields of the steps, the kick-off fields, the rules.
   After each part read it back; if something failed, stop and tell me what stands and what is missing.
6. End with the template's name and id, and what I should try first by launching it once.]] },
    }
  end;
}
