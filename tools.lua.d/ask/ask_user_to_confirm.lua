local questions = use "tallyfy.questions"

local function form_of(confirm, cancel)
  return { type = "object", required = json.array { "answer" }, properties = { answer = { type = "string",
    title = "Your answer", oneOf = json.array { { const = "yes", title = confirm }, { const = "no", title = cancel } } } } }
end

local function marker(args, confirm, cancel)
  return questions.marker(args, { __structured_interaction__ = true, interaction_type = "confirm",
    schema = { confirm_label = confirm, cancel_label = cancel }, cancelable = args.cancelable })
end

tool "ask_user_to_confirm" {
  title  = "Ask user to confirm an action";
  about  = "Asks the person yes or no. Only `confirmed: true` is a yes; a question that was put away is a no. It does not stand "
        .. "for the approval that changing tools ask for themselves.";
  effect = "read";
  closed = true;
  input  = {
    text "question"      { "What the person is to confirm", min = 1, max = 2000, pattern = "\\S" };
    text "confirm_label" { "Text for yes", max = 60, default = "Confirm" };
    text "cancel_label"  { "Text for no", max = 60, default = "Cancel" };
    text "header"        { "A short category, 12 characters at most", max = 100, default = "" };
    flag "cancelable"    { "Whether the question may be put away, where the client knows the difference", default = true };
  };
  output = {
    flag "answered"  { "Whether the person answered", optional = true };
    flag "confirmed" { "Whether the answer was yes", optional = true };
    text "action"    { "declined or cancelled, if not answered", optional = true };
    flag "__structured_interaction__" { "The question was not shown: it is here for the client to show", optional = true };
  };
  run = function (args, call)
    local confirm = questions.label(args.confirm_label, "Confirm")
    local cancel = questions.label(args.cancel_label, "Cancel")
    local answer, err = call.ask { message = questions.message(args), schema = form_of(confirm, cancel) }
    if answer then
      local yes = answer.answer == "yes"
      return { text = yes and "The person confirmed." or "The person said no.", data = { answered = true, confirmed = yes } }
    end
    local away, failure = questions.unanswered(err)
    if failure then return nil, failure end
    if not away then return marker(args, confirm, cancel) end
    away.data.confirmed = false
    return away
  end;
}
