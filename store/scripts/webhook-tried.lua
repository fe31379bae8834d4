-- Notes a try. Where somebody asked for the delivery to be made again meanwhile, that stands.
local try = ARGV[2]
local record = key('webhooks:delivery', input.id)
local state, round = unpack(redis.call('HMGET', record, 'state', 'round'))
if not state then
  redis.call('ZREM', key('webhooks:pending'), input.id)
  return { 'gone' }
end

local tries = redis.call('HINCRBY', record, 'tries', 1)
redis.call('HSET', record, 'try:' .. tries, try)
redis.call('HDEL', record, 'try:' .. tries - input.kept)
redis.call('HINCRBY', key('webhooks:results'), input.result, 1)
if tonumber(round) ~= input.round or state ~= 'pending' then return { 'noted' } end

redis.call('HSET', record, 'state', input.state)
if input.waitMs then
  local next_try = now() + input.waitMs
  redis.call('HSET', record, 'nextTryAt', whole(next_try))
  redis.call('ZADD', key('webhooks:pending'), whole(next_try + input.repeatMs), input.id)
else
  redis.call('HSET', record, 'nextTryAt', '')
  redis.call('ZREM', key('webhooks:pending'), input.id)
  -- The log no longer shows it: it was kept for this.
  if not redis.call('ZSCORE', key('webhooks:cluster', input.cluster), input.id) then redis.call('DEL', record) end
end
return { 'noted' }
