-- Puts a lease's end off, for its holder only, and tells it whether somebody wants its job to end.
local lease = key('lease', input.lease.key)
if redis.call('HGET', lease, 'token') ~= input.lease.token then return { 'lease-lost' } end
local expiry = whole(now() + input.ttlMs)
redis.call('HSET', lease, 'expiresAt', expiry)
redis.call('ZADD', key('leases'), expiry, input.lease.job)
return { 'renewed', redis.call('HGET', key('job', input.lease.job), 'cancellation') or '' }
