-- The queue has these deliveries. They are due again some time after their next tries should have been made.
local time = now()
for _, id in ipairs(input.deliveries) do
  local next_try = tonumber(redis.call('HGET', key('webhooks:delivery', id), 'nextTryAt')) or 0
  redis.call('ZADD', key('webhooks:pending'), 'XX', whole(math.max(time, next_try) + input.repeatMs), id)
end
return { 'noted' }
