local shape, tags = use "tallyfy.shape", use "tallyfy.tags"

-- Tallyfy says yes to any id: so the tag is read first, and what it is on with it.
tool "delete_tag" {
  title  = "Delete tag";
  about  = "Deletes a tag for good and takes it off everything. The templates and processes stay.";
  effect = "remove";
  input  = {
    text "tag_id" { "The tag: its id or title", min = 1, max = 100 };
  };
  output = {
    id   "id"    { "The tag's id" };
    text "title" { "Its title" };
    text "color" { "Its colour, #RRGGBB", optional = true };
    flag "deleted" { "true" };
  };
  run = function (args, call)
    local tag, err = tags.one(call, args.tag_id, "statistics")
    if not tag then return nil, err end
    local gone, failure = call.api:delete("/organizations/{org}/tags/{tag_id}", { tag_id = tag.id })
    if not gone then return nil, failure end
    local data = tags.row(tag)
    data.deleted = true
    local count = data.statistics or {}
    local processes = (count.active_process or 0) + (count.archived_process or 0)
    return { data = data, text = ("Deleted the tag %s. It was on %s and %d process%s."):format(tag.title,
      shape.count((count.active_template or 0) + (count.archived_template or 0), "template"), processes,
      processes == 1 and "" or "es") }
  end;
}
