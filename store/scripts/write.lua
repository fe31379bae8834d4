-- A worker's write for its job, fenced by its token: all of it or nothing.
local job_live, job_error, cluster_base = ARGV[2], ARGV[3], ARGV[4]
local first_event = 5

-- What a drill has come to is kept with the cluster that it was a drill of, by its kind, where that is still there.
local function note_drill(kind, name, uid, state)
  if not name or redis.call('HGET', key('cluster', name), 'uid') ~= uid then return end
  if state == 'failed' then redis.call('SADD', key(kind .. 's-failed'), name) end
  if state == 'succeeded' then
    redis.call('SREM', key(kind .. 's-failed'), name)
    redis.call('HSET', key(kind .. 's-succeeded'), name, input.at)
  end
end

local id = input.lease.job
local target = key('job', id)
local lease = key('lease', input.lease.key)
local held = redis.call('HMGET', lease, 'token', 'job', 'write')
if held[1] ~= input.lease.token or held[2] ~= id then
  -- The answer to the last write got lost and the caller asks again: it has happened.
  if input.finish and redis.call('HGET', target, 'endedBy') == input.lease.token then return { 'written' } end
  return { 'lease-lost' }
end
if input.id and held[3] == input.id then return { 'written' } end

local state, kind, name, uid, attempt = unpack(redis.call('HMGET', target, 'state', 'kind', 'cluster', 'uid', 'attempt'))
local next_state = input.job and input.job.state or state
-- The worker has not heard yet that the job is to end.
if state == 'cancelling' and next_state == 'running' then next_state = state end
if next_state ~= state and not contains(input.job.from, state) then return { 'refused-move', 'job', state } end
local operation = kind ~= 'preview'
local cluster = redis.call('HMGET', key('cluster', name), 'uid', 'state', 'owner', 'provider', 'nextJob')
local next_job = cluster[5] or ''
if input.cluster or input.gone then
  if not operation or cluster[1] ~= uid then return { 'refused-cluster' } end
  -- A deletion waits for jobs of other kinds only. A drill, which takes its cluster away itself, leaves the record to it.
  if input.gone and next_job ~= '' then
    if kind ~= 'cluster-drill' then return { 'refused-cluster' } end
    input.gone = false
  end
  if input.cluster and not contains(input.cluster.from, cluster[2]) then return { 'refused-move', 'cluster', cluster[2] } end
end

for index = first_event, #ARGV do append(id, ARGV[index]) end
if input.job then
  redis.call('HSET', target, 'live', job_live)
  move_job(id, state, next_state, attempt, job_error)
end

if input.finish and kind == 'drill' then note_drill(kind, name, uid, next_state) end
if input.finish and kind == 'cluster-drill' then
  local source, source_uid = unpack(redis.call('HMGET', target, 'drillOf', 'drillOfUid'))
  note_drill(kind, source, source_uid, next_state)
end

if input.gone then
  for index, field in ipairs({ 'state', 'owner', 'provider' }) do redis.call('ZREM', key('clusters:' .. field, cluster[index + 1]), name) end
  redis.call('ZREM', key('clusters'), name)
  redis.call('HDEL', key('replacement-stopped'), name)
  for _, drill in ipairs({ 'drill', 'cluster-drill' }) do
    redis.call('SREM', key(drill .. 's-failed'), name)
    redis.call('HDEL', key(drill .. 's-succeeded'), name)
  end
  redis.call('SREM', key('drifted'), name)
  redis.call('SREM', key('behind'), name)
  for _, what in ipairs(redis.call('SMEMBERS', key('ending'))) do
    redis.call('ZREM', key('ending:' .. what), name)
    redis.call('HDEL', key('ending-told:' .. what), name)
  end
  redis.call('DEL', key('cluster', name), key('observation', name), key('reports', name), key('drift-ignored', name))
elseif operation and (input.cluster or state ~= next_state) then
  local last = last_job(id, kind, next_state)
  if input.cluster then redis.call('HSET', key('cluster', name), 'base', cluster_base) end
  if input.finish then
    settle_cluster(name, cluster[2], input.cluster and input.cluster.state or 'deleting', last, next_job)
    for _, what in ipairs(input.forgottenEnds or {}) do redis.call('ZREM', key('ending', what), name) end
  else
    if input.cluster then set_filtered(name, 'state', cluster[2], input.cluster.state) end
    touch_cluster(name, 'lastJob', last, 'updatedAt', input.at)
  end
end

if input.id then redis.call('HSET', lease, 'write', input.id) end
if input.finish then
  redis.call('HSET', target, 'endedBy', input.lease.token)
  redis.call('DEL', lease)
  redis.call('ZREM', key('leases'), id)
end
return { 'written' }
