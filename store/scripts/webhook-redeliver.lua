-- Begins another round of a delivery that a cluster's log has.
local record = key('webhooks:delivery', input.id)
if not redis.call('ZSCORE', key('webhooks:cluster', input.cluster), input.id) or redis.call('EXISTS', record) == 0 then return { 'not-found' } end
redis.call('HINCRBY', record, 'round', 1)
redis.call('HSET', record, 'state', 'pending', 'triesBefore', redis.call('HGET', record, 'tries'), 'nextTryAt', '')
redis.call('ZADD', key('webhooks:pending'), 0, input.id)
return { 'begun' }
