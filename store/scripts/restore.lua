-- Puts a cluster back that the state backend knows and Redis does not. What is there already stays as it is.
local base, spec = ARGV[2], ARGV[3]

-- Numbers go on behind those of the clusters that there are.
if tonumber(redis.call('GET', key('slots')) or '0') < input.slot then redis.call('SET', key('slots'), input.slot) end
-- Fencing tokens of before may still be held somewhere: none of them is given again.
redis.call('SET', key('fencing'), whole(now()), 'NX')

if redis.call('EXISTS', key('cluster', input.name)) == 1 then return { 'kept' } end
redis.call('HSET', key('cluster', input.name), 'base', base, 'spec', spec, 'uid', input.uid, 'version', input.version, 'state', input.state,
  'owner', input.owner, 'provider', input.provider, 'nodes', input.nodes, 'activeJob', '', 'nextJob', '', 'lastJob', 'null', 'updatedAt', input.updatedAt)
redis.call('ZADD', key('clusters'), 0, input.name)
for _, field in ipairs({ 'state', 'owner', 'provider' }) do redis.call('ZADD', key('clusters:' .. field, input[field]), 0, input.name) end
return { 'restored' }
