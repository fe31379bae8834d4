-- Cancels a job. A queued one ends here; a running one is asked to, which its worker hears when it renews its lease.
local cluster_base = ARGV[2]

local id = input.job
local target = key('job', id)
local state, kind, name, attempt = unpack(redis.call('HMGET', target, 'state', 'kind', 'cluster', 'attempt'))
if not state then return { 'job-not-found' } end
if not contains({ 'queued', 'running', 'cancelling' }, state) then return { 'job-finished', state } end

local cluster = key('cluster', name)
local before, version, active, next_job = unpack(redis.call('HMGET', cluster, 'state', 'version', 'activeJob', 'nextJob'))
-- What a deletion leaves undone is said on the cluster's record, which the caller makes out of this one.
if active == id and kind == 'delete' and state == 'queued' and version ~= input.version then
  return { 'outdated', redis.call('HMGET', cluster, unpack(cluster_fields)) }
end

local after = cancel_job(id, kind, state, attempt)
if next_job == id then
  touch_cluster(name, 'nextJob', '', 'updatedAt', input.at)
elseif active == id and after == 'cancelled' then
  if kind == 'delete' then redis.call('HSET', cluster, 'base', cluster_base) end
  settle_cluster(name, before, contains(input.keepsState, kind) and before or 'failed', last_job(id, kind, after), next_job)
elseif active == id and after ~= state then
  touch_cluster(name, 'lastJob', last_job(id, kind, after), 'updatedAt', input.at)
end
local found = kind ~= 'preview' and redis.call('HMGET', cluster, unpack(cluster_fields)) or {}
return { 'cancelled', redis.call('HMGET', target, unpack(job_fields)), found }
