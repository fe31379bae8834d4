-- Members of all the given indices in order of their names. Walks the smallest index, so that a page costs what its filter leaves.
local smallest, size
for _, index in ipairs(input.indices) do
  local members = redis.call('ZCARD', key(index))
  if not size or members < size then smallest, size = index, members end
end

local found = {}
local from = input.after and '(' .. input.after or '-'
while #found < input.limit do
  local names = redis.call('ZRANGEBYLEX', key(smallest), from, '+', 'LIMIT', 0, input.limit)
  if #names == 0 then break end
  for _, name in ipairs(names) do
    local wanted = true
    for _, index in ipairs(input.indices) do
      if index ~= smallest and not redis.call('ZSCORE', key(index), name) then wanted = false end
    end
    if wanted and #found < input.limit then table.insert(found, name) end
  end
  from = '(' .. names[#names]
end
return found
