-- Something that begins on a cluster: the new spec (if any), the state (if it is another) and the job that carries it out. Refused while there is an unfinished job, but for
-- a deletion that cancels it (`input.cancelRunning`): it begins at once in the place of a queued job, and waits for the end of a running one.
-- A job that waits for a maintenance window (`input.forWindow`) is nobody's active one until that opens, and leaves cluster and spec as they are; there is one of a cluster, and a deletion cancels it.
local job_fixed, job_spec, job_live, new_spec = ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local first = first_answer()
if first then return first end

local name = input.job.cluster
local cluster = key('cluster', name)
local fields = redis.call('HMGET', cluster, 'version', 'uid', 'activeJob', 'state', 'owner', 'provider', 'nextJob', 'lastJob')
local version, uid, active, state, owner, provider, next_job, last = unpack(fields)
if not version then return { 'cluster-not-found' } end
if input.version and version ~= input.version then return { 'precondition-failed', version } end
-- Deleted and made anew since the caller looked.
if uid ~= input.job.uid then return { 'precondition-failed', version } end

local waits = false
if active ~= '' then
  local kind, active_state, attempt = unpack(redis.call('HMGET', key('job', active), 'kind', 'state', 'attempt'))
  -- A deletion is not cancelled for another one.
  if not input.cancelRunning or kind == 'delete' then return { 'operation-in-progress', active } end
  if next_job and next_job ~= '' then return { 'operation-in-progress', next_job } end
  local left_as = cancel_job(active, kind, active_state, attempt)
  waits = left_as == 'cancelling'
  last = last_job(active, kind, left_as)
else
  if input.onlyAfter and string.match(last, '"id":"(%w+)"') ~= input.onlyAfter then return { 'job-not-retryable' } end
  if not contains(input.from, state) then return { 'refused-move', state } end
end

local refused = new_spec ~= '' and beyond_bounds(input.bounds, input.owner, name, input.nodes)
if refused then return refused end

local for_window = redis.call('HGET', key('waiting'), name)
if for_window and input.forWindow then return { 'operation-in-progress', for_window } end
if for_window and input.job.kind == 'delete' then cancel_job(for_window, redis.call('HGET', key('job', for_window), 'kind'), 'queued', 1) end

create_job(job_fixed, job_spec, job_live)
if input.forWindow then
  redis.call('HSET', key('waiting'), name, input.job.id)
elseif waits then
  touch_cluster(name, 'nextJob', input.job.id, 'lastJob', last, 'updatedAt', input.at)
else
  wake_someone_up(input.job.id, input.job.kind)
  if input.state then set_filtered(name, 'state', state, input.state) end
  if new_spec ~= '' then
    redis.call('HSET', cluster, 'spec', new_spec, 'nodes', input.nodes)
    set_filtered(name, 'owner', owner, input.owner)
    set_filtered(name, 'provider', provider, input.provider)
  end
  touch_cluster(name, 'activeJob', input.job.id, 'lastJob', last_job(input.job.id, input.job.kind, 'queued'), 'updatedAt', input.at)
end
local changed = redis.call('HMGET', cluster, unpack(cluster_fields))
if input.idempotency then remember(cjson.encode({ answer = input.idempotency.answer, changed = changed })) end
return { 'changed', changed }
