-- A new job, with a new cluster or (a preview) without: name, idempotency, records, indices, event and outbox in one step.
local job_fixed, spec, job_live, cluster_base, answer = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]

local first = first_answer()
if first then return first end

local made = input.cluster
if made and redis.call('EXISTS', key('cluster', made.name)) == 1 then return { 'cluster-exists' } end

local refused = made and beyond_bounds(input.bounds, made.owner, made.name, made.nodes)
if refused then return refused end

create_job(job_fixed, spec, job_live)
wake_someone_up(input.job.id, input.job.kind)
if made then
  local last = last_job(input.job.id, input.job.kind, 'queued')
  redis.call('HSET', key('cluster', made.name), 'base', cluster_base, 'spec', spec, 'uid', input.job.uid, 'version', 1, 'state', made.state,
    'owner', made.owner, 'provider', made.provider, 'nodes', made.nodes, 'activeJob', input.job.id, 'lastJob', last, 'updatedAt', made.updatedAt)
  redis.call('ZADD', key('clusters'), 0, made.name)
  redis.call('ZADD', key('clusters:state', made.state), 0, made.name)
  redis.call('ZADD', key('clusters:owner', made.owner), 0, made.name)
  redis.call('ZADD', key('clusters:provider', made.provider), 0, made.name)
end
remember(answer)
return { 'created' }
