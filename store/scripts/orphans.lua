-- Ids of running jobs whose lease has ended, or that have none.
local latest = now() - input.graceMs
local orphans = {}
for _, state in ipairs({ 'running', 'cancelling' }) do
  for _, id in ipairs(redis.call('ZRANGE', key('jobs:state', state), 0, -1)) do
    local expiry = redis.call('ZSCORE', key('leases'), id)
    if not expiry or tonumber(expiry) <= latest then table.insert(orphans, id) end
  end
end
return orphans
