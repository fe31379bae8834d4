-- Puts a lease's end off, for its holder only.
local lease = key('lease', input.lease.key)
if redis.call('HGET', lease, 'token') ~= input.lease.token then return { 'lease-lost' } end
local expiry = whole(now() + input.ttlMs)
redis.call('HSET', lease, 'expiresAt', expiry)
redis.call('ZADD', key('leases'), expiry, input.lease.job)
return { 'renewed' }
