-- Stands before every script. KEYS[1] is the prefix of all keys; they share one hash tag, so a script may build names from it.
-- ARGV[1] is a JSON document. Fields of records are JSON texts and are compared and stored as such.
local prefix = KEYS[1]
local input = cjson.decode(ARGV[1])

-- Bounds the memory of a job that never stops talking; the longest known jobs have about a thousand events.
local most_events = 20000

local function key(...)
  return prefix .. table.concat({ ... }, ':')
end

-- The plain text of a JSON string.
local function text(json)
  return cjson.decode('[' .. json .. ']')[1]
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

local function append(job, event)
  redis.call('XADD', key('events', job), 'MAXLEN', '~', most_events, '*', 'event', event)
end

-- The event of a job's state, as the record has it now.
local function append_state(job)
  local fields = redis.call('HMGET', key('job', job), 'state', 'attempt', 'error')
  append(job, '{"type":"state","state":' .. fields[1] .. ',"attempt":' .. fields[2] .. ',"error":' .. fields[3] .. '}')
end

-- Moves a member from the index of its old value to that of its new one.
local function move(index, member, before, after)
  if before == after then return end
  if before then redis.call('ZREM', key(index, text(before)), member) end
  if after then redis.call('ZADD', key(index, text(after)), 0, member) end
end

-- Writes fields of a job with all that hangs on its state: the index and the event. Answers whether the state changed.
local function save_job(id, fields)
  local job = key('job', id)
  local before = redis.call('HGET', job, 'state')
  redis.call('HSET', job, unpack(fields))
  local after = redis.call('HGET', job, 'state')
  if before == after then return false end
  move('jobs:state', id, before, after)
  append_state(id)
  return true
end

-- A new job with its place in the lists and in the outbox.
local function create_job(new)
  save_job(new.id, new.fields)
  redis.call('ZADD', key('jobs'), 0, new.id)
  redis.call('ZADD', key('jobs:cluster', new.cluster), 0, new.id)
  redis.call('ZADD', key('outbox'), whole(now()), new.wakeUp)
end

local function index_cluster(name, before, after)
  move('clusters:state', name, before[1], after[1])
  move('clusters:owner', name, before[2], after[2])
  move('clusters:provider', name, before[3], after[3])
end

-- Writes fields of a cluster, raises its version and keeps the filters' indices.
local function save_cluster(name, fields)
  local cluster = key('cluster', name)
  local before = redis.call('HMGET', cluster, 'state', 'owner', 'provider')
  redis.call('HSET', cluster, unpack(fields))
  redis.call('HINCRBY', cluster, 'version', 1)
  redis.call('ZADD', key('clusters'), 0, name)
  index_cluster(name, before, redis.call('HMGET', cluster, 'state', 'owner', 'provider'))
end

local function remove_cluster(name)
  local cluster = key('cluster', name)
  index_cluster(name, redis.call('HMGET', cluster, 'state', 'owner', 'provider'), {})
  redis.call('ZREM', key('clusters'), name)
  redis.call('DEL', cluster, key('observation', name))
end

-- What a cluster says of its last job, as JSON.
local function last_job(id)
  local job = redis.call('HMGET', key('job', id), 'id', 'kind', 'state')
  return '{"id":' .. job[1] .. ',"kind":' .. job[2] .. ',"state":' .. job[3] .. '}'
end
