tool "bench_shape" {
  title = "50 KB reshaped"; about = "Reads 50 KB from the API, keeps three members of each row."; effect = "read";
  run = function (_, call)
    local rows, err = call.api:get("/organizations/{org}/bench-50k")
    if not rows then return nil, err end
    local kept = json.array()
    for index, row in ipairs(rows) do kept[index] = { id = row.id, title = row.title, status = row.status } end
    return { text = #kept .. " rows", data = { rows = kept } }
  end;
}
