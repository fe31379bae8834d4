-- A new job, with a new cluster or (a preview) without: name, idempotency, records, indices, event and outbox in one step.
local remembered = input.idempotency and key('idempotency', input.idempotency.key)
if remembered then
  local first = redis.call('HMGET', remembered, 'fingerprint', 'answer')
  if first[1] and first[1] ~= input.idempotency.fingerprint then return { 'idempotency-key-reused' } end
  if first[1] then return { 'replayed', first[2] } end
end

if input.cluster then
  if redis.call('EXISTS', key('cluster', input.cluster.name)) == 1 then return { 'cluster-exists' } end
end

create_job(input.job)
if input.cluster then save_cluster(input.cluster.name, input.cluster.fields) end
if remembered then
  redis.call('HSET', remembered, 'fingerprint', input.idempotency.fingerprint, 'answer', input.idempotency.answer)
  redis.call('EXPIRE', remembered, input.idempotency.ttlSeconds)
end
return { 'created' }
