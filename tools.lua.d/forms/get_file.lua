local files, shape = use "tallyfy.files", use "tallyfy.shape"

-- How the contents go out: text in pieces, pictures as such, the rest as a resource.
local function contents(call, asset, bytes, offset)
  local mime = files.type(asset.filename)
  if (mime:match("^text/") or mime == "application/xml") and utf8.len(bytes) then
    local piece, following = files.piece(bytes, offset)
    return { text = piece, next_offset = following }
  end
  if #bytes > files.most_bytes then return { too_large = true } end
  if mime:match("^image/") then return { block = { type = "image", data = call.base64(bytes), mime = mime } } end
  return { block = { type = "resource", resource = { uri = "tallyfy://files/" .. asset.id, mime = mime,
    blob = call.base64(bytes) } } }
end

tool "get_file" {
  title  = "Get file";
  about  = "Shows a file that was uploaded to Tallyfy: its facts, and its contents if wanted. Texts come in pieces, pictures and "
        .. "others whole up to 512 KB. Files that are only linked have a web address in their field instead.";
  effect = "read";
  input  = {
    text  "file_id" { "The file: the id, or the full_url, in the value of a file field", min = 1, max = 2000 };
    flag  "content" { "Whether to download it; false gives the facts only", default = true };
    whole "offset"  { "Of a text: where to go on, the next_offset of the call before", min = 0, default = 0 };
  };
  output = {
    text  "id"          { "The file" };
    text  "filename"    { "Its name" };
    text  "source"      { "local: uploaded; url: a link", optional = true };
    whole "bytes"       { "Its size, when it was downloaded", optional = true };
    text  "content"     { "Of a text file: the text, or this piece of it", optional = true };
    whole "next_offset" { "offset for the rest of the text", optional = true };
  };
  run = function (args, call)
    local asset, err = files.facts(call, args.file_id)
    if not asset then return nil, err end
    local data, name = shape.object(asset), asset.filename
    if asset.source == "url" then
      return { text = ("%s is a link: its address stands in the file field's value."):format(name), data = data }
    end
    if not args.content then return { text = ("%s, version %s."):format(name, tostring(asset.version)), data = data } end
    local bytes, unread = files.bytes(call, asset)
    if not bytes then return nil, unread end
    local found = contents(call, asset, bytes, args.offset)
    data.bytes, data.content, data.next_offset = #bytes, found.text, found.next_offset
    local rest = found.too_large and " It is too large to be shown here." or found.next_offset
      and (" More from offset %d."):format(found.next_offset) or ""
    return { text = ("%s, %s.%s"):format(name, shape.count(#bytes, "byte"), rest), data = data,
      content = found.block and { found.block } or nil }
  end;
}
