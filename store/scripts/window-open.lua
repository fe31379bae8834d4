-- Begins a job that has waited for a maintenance window: it becomes the active one of its cluster, which was read at `input.version`, with the spec that it works towards by now. Or ends it unbegun (`input.failed`: why).
local job_spec, new_spec, live = ARGV[2], ARGV[3], ARGV[4]
local id, name, kind = input.job, input.cluster, input.kind
local cluster = key('cluster', name)
local version, active, state = unpack(redis.call('HMGET', cluster, 'version', 'activeJob', 'state'))
if redis.call('HGET', key('waiting'), name) ~= id or version ~= input.version or active ~= '' then return { 'overtaken' } end

redis.call('HDEL', key('waiting'), name)
if input.failed then
  redis.call('HSET', key('job', id), 'live', live)
  move_job(id, 'queued', 'failed', 1, input.failed)
  return { 'ended' }
end
redis.call('HSET', key('job', id), 'spec', job_spec)
redis.call('ZREM', key('jobs:owner', input.owner.before), id)
redis.call('ZADD', key('jobs:owner', input.owner.after), 0, id)
if new_spec ~= '' then redis.call('HSET', cluster, 'spec', new_spec) end
if input.state then set_filtered(name, 'state', state, input.state) end
touch_cluster(name, 'activeJob', id, 'lastJob', last_job(id, kind, 'queued'), 'updatedAt', input.at)
wake_someone_up(id, kind)
return { 'begun' }
