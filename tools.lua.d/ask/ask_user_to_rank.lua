local questions, ranking = use "tallyfy.questions", use "tallyfy.ranking"

local function marker(args, items)
  return questions.marker(args, { __structured_interaction__ = true, interaction_type = "ranking",
    schema = { items = items }, submit_label = questions.label(args.submit_label, "Submit"), cancelable = args.cancelable })
end

tool "ask_user_to_rank" {
  title  = "Ask user to rank options";
  about  = "Asks the person to put 2 to 20 options in order, and gives back their ids, first choice first. Item: { id, label, "
        .. "description }.";
  effect = "read";
  closed = true;
  input  = {
    text "question"     { "What the person is asked", min = 1, max = 2000, pattern = "\\S" };
    list "items"        { "The options", of = "object", min = 2, max = 20 };
    text "submit_label" { "Text of the button, where the client shows it", max = 60, default = "Submit" };
    text "header"       { "A short category, 12 characters at most", max = 100, default = "" };
    flag "cancelable"   { "Whether the question may be put away, where the client knows the difference", default = true };
  };
  output = {
    flag "answered" { "Whether the person answered", optional = true };
    list "order"    { "Ids, the first choice first", of = "text", optional = true };
    text "action"   { "declined or cancelled, if not answered", optional = true };
    flag "__structured_interaction__" { "The question was not shown: it is here for the client to show", optional = true };
  };
  run = function (args, call)
    local items, wrong = ranking.items(args.items)
    if not items then return nil, wrong end
    local order, err = ranking.ask(call, questions.message(args), items)
    if order then
      return { text = "The person's order: " .. ranking.words(items, order) .. ".", data = { answered = true, order = order } }
    end
    local away, failure = questions.unanswered(err)
    if failure then return nil, failure end
    return away or marker(args, items)
  end;
}
