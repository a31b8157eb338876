local function count_primes(n)
  local is_prime = {}
  for i = 0, n - 1 do is_prime[i] = true end
  local count = 0
  for i = 2, n - 1 do
    if is_prime[i] then
      count = count + 1
      local multiple = i * i
      while multiple < n do
        is_prime[multiple] = false
        multiple = multiple + i
      end
    end
  end
  return count
end

local start = os.clock()
local answer = count_primes(1000000)
print(answer, os.clock() - start)
