-- fold.lua - text without regard to case: what string.lower does for English, for the letters of Latin, Greek and Cyrillic
-- as well. "MÜLLER" and "Müller" are one name to those who bear it.
local lower = {}

local function range(first, last, distance)
  for code = first, last do lower[utf8.char(code)] = utf8.char(code + distance) end
end

local function each_second(first, last)
  for code = first, last, 2 do lower[utf8.char(code)] = utf8.char(code + 1) end
end

range(0xC0, 0xD6, 32) -- À to Ö
range(0xD8, 0xDE, 32) -- Ø to Þ
each_second(0x100, 0x12E) -- Ā to Į; İ has no single small letter
each_second(0x132, 0x136)
each_second(0x139, 0x147)
each_second(0x14A, 0x176)
range(0x178, 0x178, -121) -- Ÿ
each_second(0x179, 0x17D)
range(0x391, 0x3A1, 32) -- Α to Ρ
range(0x3A3, 0x3A9, 32) -- Σ to Ω
range(0x400, 0x40F, 80) -- Ѐ to Џ
range(0x410, 0x42F, 32) -- А to Я

return function (text)
  return (text:lower():gsub("[\xC3-\xD0][\x80-\xBF]", lower))
end
