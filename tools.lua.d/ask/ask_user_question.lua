local questions = use "tallyfy.questions"

local function marker(args, fields)
  return questions.marker(args, { __structured_question__ = true, fields = fields,
    submit_label = questions.label(args.submit_label, "Submit") })
end

tool "ask_user_question" {
  title  = "Ask user a structured question";
  about  = "Asks the person with a form and gives back what was filled in. Field: { type, key, label, required, options "
        .. "[{ value, label }], placeholder, validators, defaultValue }; type is text, textarea, select, checkbox, toggle, "
        .. "radio, datepicker, daterange, timepicker, datetime or file. Not for passwords.";
  effect = "read";
  closed = true;
  input  = {
    text "question"     { "What the person is asked", min = 1, max = 2000, pattern = "\\S" };
    list "fields"       { "The fields of the form", of = "object", min = 1, max = 50 };
    text "submit_label" { "Text of the button, where the client shows it", max = 60, default = "Submit" };
    text "header"       { "A short category, 12 characters at most", max = 100, default = "" };
  };
  output = {
    flag   "answered" { "Whether the person answered", optional = true };
    object "answers"  { "What was filled in, by key", optional = true };
    text   "action"   { "declined or cancelled, if not answered", optional = true };
    flag   "__structured_question__" { "The question was not shown: it is here for the client to show", optional = true };
  };
  run = function (args, call)
    local fields, wrong = questions.fields(args.fields)
    if not fields then return nil, wrong end
    local form, unfit = questions.form(fields)
    if not form then return nil, unfit end
    local answer, err = call.ask { message = questions.message(args), schema = form }
    if answer then
      local answers = questions.answers(fields, answer)
      return { text = "The person answered: " .. json.encode(answers), data = { answered = true, answers = answers } }
    end
    local away, failure = questions.unanswered(err)
    if failure then return nil, failure end
    return away or marker(args, fields)
  end;
}
