resource "test_template_data" {
  title = "Data by id";
  about = "One record for any id.";
  uri   = "test://template/{id}/data";
  mime  = "application/json";
  input = { text "id" { "Which one" } };
  run = function (args)
    return json.encode { id = args.id, templateTest = true, data = "Data for ID: " .. args.id }
  end;
}
