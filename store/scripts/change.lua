-- A change of a cluster that has no unfinished job: the new spec (if any), the state and the job that carries it out.
local job_fixed, job_spec, job_live, new_spec = ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local name = input.job.cluster
local cluster = key('cluster', name)
local current = redis.call('HMGET', cluster, 'version', 'uid', 'activeJob', 'state', 'owner', 'provider')
if not current[1] then return { 'cluster-not-found' } end
if input.version and current[1] ~= input.version then return { 'precondition-failed', current[1] } end
-- Deleted and made anew since the caller looked.
if current[2] ~= input.job.uid then return { 'precondition-failed', current[1] } end
if current[3] ~= '' then return { 'operation-in-progress', current[3] } end
if not contains(input.from, current[4]) then return { 'refused-move', current[4] } end

create_job(job_fixed, job_spec, job_live)
set_filtered(name, 'state', current[4], input.state)
if new_spec ~= '' then
  redis.call('HSET', cluster, 'spec', new_spec)
  set_filtered(name, 'owner', current[5], input.owner)
  set_filtered(name, 'provider', current[6], input.provider)
end
touch_cluster(name, 'activeJob', input.job.id, 'lastJob', last_job(input.job.id, input.job.kind, 'queued'), 'updatedAt', input.at)
return { 'changed', redis.call('HMGET', cluster, unpack(cluster_fields)) }
