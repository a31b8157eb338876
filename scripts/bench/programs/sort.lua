local function numbers(n)
  local xs = {}
  local x = 42
  for i = 1, n do
    x = (x * 1103515245 + 12345) % 2147483648
    xs[i] = x
  end
  return xs
end

local xs = numbers(1000000)
local start = os.clock()
table.sort(xs)
local seconds = os.clock() - start
print(string.format("%d/%d/%d", xs[1], xs[500001], xs[#xs]), seconds)
