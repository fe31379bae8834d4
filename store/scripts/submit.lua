-- A new job, with a new cluster or (a preview) without: name, idempotency, records, indices, event and outbox in one step.
local job_fixed, spec, job_live, cluster_base, answer = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]

local remembered = input.idempotency and key('idempotency', input.idempotency.key)
local first = remembered and redis.call('HMGET', remembered, 'fingerprint', 'answer', 'job')
if first and first[1] then
  if first[1] ~= input.idempotency.fingerprint then return { 'idempotency-key-reused' } end
  return { 'replayed', first[2], redis.call('HMGET', key('job', first[3]), unpack(job_fields)) }
end

local made = input.cluster
if made and redis.call('EXISTS', key('cluster', made.name)) == 1 then return { 'cluster-exists' } end

create_job(job_fixed, spec, job_live)
if made then
  local last = last_job(input.job.id, input.job.kind, 'queued')
  redis.call('HSET', key('cluster', made.name), 'base', cluster_base, 'spec', spec, 'uid', input.job.uid, 'version', 1, 'state', made.state,
    'owner', made.owner, 'provider', made.provider, 'activeJob', input.job.id, 'lastJob', last, 'updatedAt', made.updatedAt)
  for _, index in ipairs({ 'clusters', 'clusters:state:' .. made.state, 'clusters:owner:' .. made.owner, 'clusters:provider:' .. made.provider }) do
    redis.call('ZADD', key(index), 0, made.name)
  end
end
if remembered then
  redis.call('HSET', remembered, 'fingerprint', input.idempotency.fingerprint, 'answer', answer, 'job', input.job.id)
  redis.call('EXPIRE', remembered, input.idempotency.ttlSeconds)
end
return { 'created' }
