local function grown(n)
  local s = ""
  for i = 1, n do s = s .. "x" end
  return s
end

local start = os.clock()
local answer = #grown(100000)
print(answer, os.clock() - start)
