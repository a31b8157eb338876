local function walk(n)
  local point = {x = 0, y = 0, steps = 0}
  for i = 0, n - 1 do
    point.x = point.x + i % 3
    point.y = point.x - point.y
    point.steps = point.steps + 1
  end
  return point.x + point.y + point.steps
end

local start = os.clock()
local answer = walk(1000000)
print(answer, os.clock() - start)
