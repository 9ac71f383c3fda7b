-- Tokens given out by the token endpoint: of people and of applications, each with its end. Tokens and codes
-- are numbered from the world's seed, so that a demonstration is repeatable; they are of no use outside it.
local tokens = {}
tokens.__index = tokens

local max_tokens = 1000 -- beyond it the oldest are forgotten

function tokens.new()
  return setmetatable({ list = {}, by_text = {} }, tokens)
end

-- Keeps <token> under a new text, which is returned. <token> = { kind, expires_at, ... }.
function tokens:add(ids, token)
  token.text = ("practice-%s-%s"):format(token.kind, ids:id(token.kind .. " token"))
  self.list[#self.list + 1], self.by_text[token.text] = token, token
  if #self.list > max_tokens then
    local oldest = table.remove(self.list, 1)
    self.by_text[oldest.text] = nil
  end
  return token.text
end

-- An access token by its text, or nil; refresh tokens and codes open nothing.
function tokens:get(text)
  local token = text and self.by_text[text]
  return token and (token.kind == "access" or token.kind == "application") and token or nil
end

-- Takes a refresh token or a code, which can be used once; nil when there is none or it is too old.
function tokens:take(text, kind, now)
  local token = text and self.by_text[text]
  if not token or token.kind ~= kind then return nil end
  self.by_text[text] = nil
  for i, other in ipairs(self.list) do
    if other == token then
      table.remove(self.list, i)
      break
    end
  end
  return token.expires_at > now and token or nil
end

return tokens
