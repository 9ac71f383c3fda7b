-- The schema is the suite's, word for word: every keyword must reach the client.
tool "json_schema_2020_12_tool" {
  title  = "JSON Schema 2020-12";
  about  = "Takes arguments described with the keywords that came with JSON Schema 2020-12.";
  effect = "read";
  closed = true;
  schema = json.decode [[{
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
      "address": {
        "$anchor": "addressDef",
        "type": "object",
        "properties": { "street": { "type": "string" }, "city": { "type": "string" } }
      }
    },
    "properties": {
      "name": { "type": "string" },
      "address": { "$ref": "#/$defs/address" },
      "contactMethod": { "type": "string", "enum": ["phone", "email"] },
      "phone": { "type": "string" },
      "email": { "type": "string" }
    },
    "allOf": [ { "anyOf": [ { "required": ["phone"] }, { "required": ["email"] } ] } ],
    "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
    "then": { "required": ["phone"] },
    "else": { "required": ["email"] },
    "additionalProperties": false
  }]];
  run = function (args)
    return "Hello, " .. (args.name or "somebody")
  end;
}
