-- Gives a lease up, for its holder only. The job stays as it is, for the next worker.
local lease = key('lease', input.lease.key)
if redis.call('HGET', lease, 'token') ~= input.lease.token then return { 'lease-lost' } end
redis.call('DEL', lease)
redis.call('ZREM', key('leases'), input.lease.job)
return { 'released' }
