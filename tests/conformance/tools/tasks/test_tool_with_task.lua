local person = form { text "name" { "Your name" } }

tool "test_tool_with_task" {
  title  = "A question, then a task";
  about  = "Asks for a name, then goes on as a task.";
  effect = "read";
  closed = true;
  task   = "later";
  run = function (_, call)
    local answer, err = call.ask { key = "user_name", message = "What is your name?", fields = person }
    if not answer then return nil, err end
    call.become_task()
    call.wait("300ms")
    return ("Hello, %s, from a task."):format(answer.name)
  end;
}
