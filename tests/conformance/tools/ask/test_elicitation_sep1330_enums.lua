tool "test_elicitation_sep1330_enums" {
  title  = "Choices in a form";
  about  = "Asks with every kind of choice that a form can hold.";
  effect = "read";
  closed = true;
  run = function (_, call)
    local answer, err = call.ask { message = "Please select options from the enum fields", schema = json.decode [[{
      "type": "object",
      "properties": {
        "untitledSingle": { "type": "string", "description": "Select one option", "enum": ["option1", "option2", "option3"] },
        "titledSingle": { "type": "string", "description": "Select one option with titles", "oneOf": [
          { "const": "value1", "title": "First Option" }, { "const": "value2", "title": "Second Option" },
          { "const": "value3", "title": "Third Option" } ] },
        "legacyEnum": { "type": "string", "description": "Select one option (legacy)", "enum": ["opt1", "opt2", "opt3"],
          "enumNames": ["Option One", "Option Two", "Option Three"] },
        "untitledMulti": { "type": "array", "description": "Select several options", "minItems": 1, "maxItems": 3,
          "items": { "type": "string", "enum": ["option1", "option2", "option3"] } },
        "titledMulti": { "type": "array", "description": "Select several options with titles", "minItems": 1, "maxItems": 3,
          "items": { "anyOf": [ { "const": "value1", "title": "First Choice" }, { "const": "value2", "title": "Second Choice" },
            { "const": "value3", "title": "Third Choice" } ] } }
      }
    }]] }
    if not answer then return nil, err end
    return "Elicitation completed: action=accept, content=" .. json.encode(answer)
  end;
}
