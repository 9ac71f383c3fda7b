-- Deterministic numbers and ids. The same seed and the same questions give the same answers, whatever
-- else was asked in between: an id depends on its kind and its place among that kind only, so that a
-- new kind of object never shifts the ids of the others.
local random = {}
random.__index = random

-- splitmix64: a well-mixed 64-bit integer out of any other.
local function mix(z)
  z = z + 0x9e3779b97f4a7c15
  z = (z ~ (z >> 30)) * 0xbf58476d1ce4e5b9
  z = (z ~ (z >> 27)) * 0x94d049bb133111eb
  return z ~ (z >> 31)
end

function random.new(seed)
  return setmetatable({ seed = seed, counters = {} }, random)
end

-- A 64-bit integer that belongs to <text>.
function random:number(text)
  local h = mix(self.seed)
  for i = 1, #text do
    h = mix(h ~ text:byte(i))
  end
  return h
end

-- An integer from 0 to bound - 1 that belongs to <text>.
function random:below(text, bound)
  return (self:number(text) >> 1) % bound
end

-- 32 lower-case hex digits that belong to <text>.
function random:hex(text)
  return ("%016x%016x"):format(self:number(text), self:number(text .. "/second half"))
end

-- A function that gives the id of the n-th of <kind>, cheaply: for a hundred thousand of them.
function random:series(kind)
  local first, second = self:number(kind), self:number(kind .. "/second half")
  return function (n) return ("%016x%016x"):format(mix(first ~ mix(n)), mix(second ~ mix(n))) end
end

-- A function that gives an integer from 0 to bound - 1 for each n.
function random:dice(kind)
  local first = self:number(kind)
  return function (n, bound) return (mix(first ~ mix(n)) >> 1) % bound end
end

-- How many of <kind> there are by now, this one included.
function random:count(kind)
  local count = (self.counters[kind] or 0) + 1
  self.counters[kind] = count
  return count
end

-- Counts <number> more of <kind> at once: they were numbered by their maker.
function random:skip(kind, number)
  self.counters[kind] = (self.counters[kind] or 0) + number
end

-- The next id of <kind>: 32 lower-case hex digits.
function random:id(kind)
  return self:hex(kind .. "#" .. self:count(kind))
end

return random
