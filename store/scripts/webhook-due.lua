-- Deliveries that the queue has to be given, with their rounds and the times of their next tries. They stay, to be given again later, until they have
-- been made or given up: what a queue loses is not lost.
local time = now()
local due = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('webhooks:pending'), '-inf', whole(time), 'LIMIT', 0, input.limit)) do
  local state, round, next_try = unpack(redis.call('HMGET', key('webhooks:delivery', id), 'state', 'round', 'nextTryAt'))
  if state == 'pending' then
    table.insert(due, { id, round, math.max(0, (tonumber(next_try) or 0) - time) })
  else
    redis.call('ZREM', key('webhooks:pending'), id)
  end
end
return due
