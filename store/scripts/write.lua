-- A worker's write for its job, fenced by its token: all of it or nothing.
local job_live, job_error, cluster_base = ARGV[2], ARGV[3], ARGV[4]
local first_event = 5

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
if input.job and not contains(input.job.from, state) then return { 'refused-move', 'job', state } end
local operation = kind ~= 'preview'
local cluster = redis.call('HMGET', key('cluster', name), 'uid', 'state', 'owner', 'provider', 'activeJob')
if input.cluster or input.gone then
  if not operation or cluster[1] ~= uid then return { 'refused-cluster' } end
  if input.cluster and not contains(input.cluster.from, cluster[2]) then return { 'refused-move', 'cluster', cluster[2] } end
end

for index = first_event, #ARGV do append(id, ARGV[index]) end
local next_state = state
if input.job then
  redis.call('HSET', target, 'live', job_live)
  next_state = input.job.state
  move_job(id, state, next_state, attempt, job_error)
end

if input.gone then
  for index, field in ipairs({ 'state', 'owner', 'provider' }) do redis.call('ZREM', key('clusters:' .. field, cluster[index + 1]), name) end
  redis.call('ZREM', key('clusters'), name)
  redis.call('DEL', key('cluster', name), key('observation', name))
elseif operation and (input.cluster or state ~= next_state) then
  if input.cluster then
    redis.call('HSET', key('cluster', name), 'base', cluster_base)
    set_filtered(name, 'state', cluster[2], input.cluster.state)
  end
  touch_cluster(name, 'activeJob', input.finish and '' or cluster[5], 'lastJob', last_job(id, kind, next_state), 'updatedAt', input.at)
end

if input.id then redis.call('HSET', lease, 'write', input.id) end
if input.finish then
  redis.call('HSET', target, 'endedBy', input.lease.token)
  redis.call('DEL', lease)
  redis.call('ZREM', key('leases'), id)
end
return { 'written' }
