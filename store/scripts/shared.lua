-- Stands before every script. KEYS[1] is the prefix of all keys; they share one hash tag, so a script may build names from it.
-- ARGV[1] is a small JSON document; the texts of records follow as they are and are never decoded here.
local prefix = KEYS[1]
local input = cjson.decode(ARGV[1])

-- Bounds the memory of a job that never stops talking; the longest known jobs have about a thousand events.
local most_events = 20000

-- The fields that make up a record; `fields.ts` has the same lists.
local job_fields = { 'fixed', 'spec', 'live', 'state', 'attempt', 'startedAt', 'cancellation' }
local cluster_fields = { 'base', 'spec', 'state', 'version', 'activeJob', 'lastJob', 'updatedAt', 'nextJob' }

local function key(name, item)
  return item and prefix .. name .. ':' .. item or prefix .. name
end

-- Milliseconds since the epoch by Redis' clock, the one clock that all processes share.
local function now()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function whole(number)
  return string.format('%.0f', number)
end

local function contains(list, wanted)
  for _, item in ipairs(list) do
    if item == wanted then return true end
  end
  return false
end

-- What a request with the same idempotency key was answered, if there was one: its text, and the fields of its job.
local function first_answer()
  local first = input.idempotency and redis.call('GET', key('idempotency', input.idempotency.key))
  if not first then return nil end
  local fingerprint, job, text = string.match(first, '^(%S+) (%S+) (.*)$')
  if fingerprint ~= input.idempotency.fingerprint then return { 'idempotency-key-reused' } end
  return { 'replayed', text, redis.call('HMGET', key('job', job), unpack(job_fields)) }
end

-- Keeps the answer to this request for its repetitions.
local function remember(text)
  local idempotency = input.idempotency
  if idempotency then
    redis.call('SET', key('idempotency', idempotency.key), idempotency.fingerprint .. ' ' .. input.job.id .. ' ' .. text, 'EX', idempotency.ttlSeconds)
  end
end

local function append(job, event)
  redis.call('XADD', key('events', job), 'MAXLEN', '~', most_events, '*', 'event', event)
end

-- What is new about jobs, for webhooks. `tell_webhooks` writes it down when the script has done its work and the cluster's state is final.
local untold = {}

-- Puts into the outbox of webhooks what has happened to jobs and what has become of their clusters. Whom to tell is worked out elsewhere.
local function tell_webhooks()
  for _, change in ipairs(untold) do
    local kind, name, uid = unpack(redis.call('HMGET', key('job', change.job), 'kind', 'cluster', 'uid'))
    local found, state = unpack(redis.call('HMGET', key('cluster', name), 'uid', 'state'))
    if kind ~= 'preview' then
      redis.call('XADD', key('webhooks:changes'), '*', 'job', change.job, 'change', input.takeOver and 'taken-over' or change.state, 'state', change.state,
        'error', change.problem, 'clusterState', found == uid and state or 'deleted')
    end
  end
end

-- The event of a job's state. `problem` is the job's error as JSON.
local function append_state(job, state, attempt, problem)
  if input.takeOver or (state ~= 'queued' and state ~= 'cancelling') then table.insert(untold, { job = job, state = state, problem = problem }) end
  append(job, '{"type":"state","state":"' .. state .. '","attempt":' .. attempt .. ',"error":' .. problem .. '}')
end

-- What a cluster says of its last job, as JSON.
local function last_job(id, kind, state)
  return '{"id":"' .. id .. '","kind":"' .. kind .. '","state":"' .. state .. '"}'
end

-- The outbox's member for a job's first attempt; `wake-ups.ts` reads it.
local function wake_up(id, kind)
  return (kind == 'preview' and 'previews/' or 'operations/') .. id .. '.1'
end

-- Puts a job into the outbox. 0 is due at once, in the order of ids.
local function wake_someone_up(id, kind)
  redis.call('ZADD', key('outbox'), 0, wake_up(id, kind))
end

-- A new job (`input.job`) with its place in the lists. Nobody is woken up for it yet.
local function create_job(fixed, spec, live)
  local job = input.job
  redis.call('HSET', key('job', job.id), 'fixed', fixed, 'spec', spec, 'live', live, 'state', 'queued', 'attempt', 1, 'startedAt', '',
    'kind', job.kind, 'cluster', job.cluster, 'uid', job.uid)
  redis.call('ZADD', key('jobs'), 0, job.id)
  redis.call('ZADD', key('jobs:cluster', job.cluster), 0, job.id)
  redis.call('ZADD', key('jobs:owner', job.owner), 0, job.id)
  redis.call('ZADD', key('jobs:state:queued'), 0, job.id)
  -- It works on a cluster that is made for it, and is looked for with the one that it is a drill of.
  if job.drillOf then
    redis.call('HSET', key('job', job.id), 'drillOf', job.drillOf.name, 'drillOfUid', job.drillOf.uid)
    redis.call('ZADD', key('jobs:drill-of', job.drillOf.name), 0, job.id)
  end
  append_state(job.id, 'queued', 1, 'null')
end

-- Moves a job to another state, with the index and the event.
local function move_job(id, before, after, attempt, problem)
  if before == after then return end
  redis.call('HSET', key('job', id), 'state', after)
  redis.call('ZREM', key('jobs:state', before), id)
  redis.call('ZADD', key('jobs:state', after), 0, id)
  append_state(id, after, attempt, problem)
end

-- What keeps a cluster with `nodes` machines out of its owner's bounds: what the owner's other clusters have. Nil where nothing does.
local function beyond_bounds(bounds, owner, name, nodes)
  if not bounds then return nil end
  local clusters, others = 0, 0
  for _, other in ipairs(redis.call('ZRANGE', key('clusters:owner', owner), 0, -1)) do
    if other ~= name then
      clusters = clusters + 1
      others = others + tonumber(redis.call('HGET', key('cluster', other), 'nodes') or '0')
    end
  end
  if (bounds.clusters and clusters + 1 > bounds.clusters) or (bounds.nodes and others + nodes > bounds.nodes) then
    return { 'beyond-bounds', clusters, others }
  end
  return nil
end

-- Sets one of a cluster's fields that lists are filtered by.
local function set_filtered(name, field, before, after)
  if before == after then return end
  redis.call('HSET', key('cluster', name), field, after)
  redis.call('ZREM', key('clusters:' .. field, before), name)
  redis.call('ZADD', key('clusters:' .. field, after), 0, name)
end

-- Sets other fields of a cluster. Every write of a cluster goes through here once and raises its version.
local function touch_cluster(name, ...)
  local cluster = key('cluster', name)
  redis.call('HSET', cluster, ...)
  redis.call('HINCRBY', cluster, 'version', 1)
end

-- Notes on a job that somebody wants it to end. The time of the first request stands, and `force` stays once it is given.
local function note_cancellation(id)
  local target = key('job', id)
  local noted = redis.call('HGET', target, 'cancellation')
  local first = noted and noted ~= '' and cjson.decode(noted) or { requestedAt = input.at, force = false }
  local force = first.force or input.force or false
  redis.call('HSET', target, 'cancellation', '{"requestedAt":"' .. first.requestedAt .. '","force":' .. tostring(force) .. '}')
end

-- A job no longer waits for a maintenance window of its cluster, if it did.
local function waits_no_more(id)
  local name = redis.call('HGET', key('job', id), 'cluster')
  if redis.call('HGET', key('waiting'), name) == id then redis.call('HDEL', key('waiting'), name) end
end

-- Cancels an unfinished job: a queued one has ended (`input.cancelled` has what its record says then), a running one is asked to end.
-- Answers its next state.
local function cancel_job(id, kind, state, attempt)
  note_cancellation(id)
  if state ~= 'queued' then
    move_job(id, state, 'cancelling', attempt, 'null')
    return 'cancelling'
  end
  redis.call('HSET', key('job', id), 'live', input.cancelled.live[kind])
  redis.call('ZREM', key('outbox'), wake_up(id, kind))
  waits_no_more(id)
  move_job(id, state, 'cancelled', attempt, input.cancelled.error)
  return 'cancelled'
end

-- Leaves a cluster as its ended job did, or, where a deletion waited for that end, begins the deletion.
local function settle_cluster(name, before, after, last, next_job)
  local active = next_job or ''
  if active ~= '' then
    wake_someone_up(active, 'delete')
    after, last = 'deleting', last_job(active, 'delete', 'queued')
  end
  set_filtered(name, 'state', before, after)
  touch_cluster(name, 'activeJob', active, 'nextJob', '', 'lastJob', last, 'updatedAt', input.at)
end
