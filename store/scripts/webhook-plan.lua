-- Turns a change into its deliveries. Only one does: whoever comes second finds the change gone.
if redis.call('XDEL', key('webhooks:changes'), input.change) == 0 then return { 'planned-before' } end
for index, delivery in ipairs(input.deliveries) do
  local record = key('webhooks:delivery', delivery.id)
  redis.call('HSET', record, 'fixed', ARGV[index + 1], 'state', 'pending', 'round', 1, 'tries', 0, 'triesBefore', 0, 'nextTryAt', '')
  redis.call('PEXPIRE', record, input.keepMs)
  redis.call('ZADD', key('webhooks:pending'), 0, delivery.id)

  -- The cluster's log: the latest deliveries. One that is still to be made is made, though the log no longer shows it.
  local log = key('webhooks:cluster', delivery.cluster)
  redis.call('ZADD', log, 0, delivery.id)
  redis.call('PEXPIRE', log, input.keepMs)
  local surplus = redis.call('ZCARD', log) - input.logged
  if surplus > 0 then
    for _, id in ipairs(redis.call('ZRANGE', log, 0, surplus - 1)) do
      redis.call('ZREM', log, id)
      if redis.call('HGET', key('webhooks:delivery', id), 'state') ~= 'pending' then redis.call('DEL', key('webhooks:delivery', id)) end
    end
  end
end
return { 'planned' }
