-- Gives a job to a worker: a queued one, or (takeOver) one whose worker is gone. Whoever had it before is fenced off.
local target = key('job', input.job)
local state, kind, name, uid, attempt = unpack(redis.call('HMGET', target, 'state', 'kind', 'cluster', 'uid', 'attempt'))
local claimable = input.takeOver and { 'running', 'cancelling' } or { 'queued' }
if not contains(claimable, state) then return { 'refused' } end

local cluster = key('cluster', name)
local operation = kind ~= 'preview'
if operation and redis.call('HGET', cluster, 'activeJob') ~= input.job then return { 'refused' } end

local leased = operation and 'cluster:' .. name or 'job:' .. input.job
local lease = key('lease', leased)
local time = now()
if input.takeOver then
  local held = redis.call('HMGET', lease, 'expiresAt', 'token')
  local expired = not held[1] or tonumber(held[1]) + input.takeOver.graceMs <= time
  local dead = held[2] and held[2] == input.takeOver.deadToken
  if not expired and not dead then return { 'refused' } end
end

local token = redis.call('INCR', key('fencing'))
local expiry = whole(time + input.ttlMs)
redis.call('DEL', lease)
redis.call('HSET', lease, 'token', token, 'job', input.job, 'owner', input.owner, 'expiresAt', expiry)
redis.call('ZADD', key('leases'), expiry, input.job)
redis.call('ZREM', key('outbox'), wake_up(input.job, kind))

if input.takeOver then
  if not input.takeOver.toEnd then
    attempt = redis.call('HINCRBY', target, 'attempt', 1)
    append_state(input.job, state, attempt, 'null')
  end
else
  redis.call('HSET', target, 'startedAt', input.at)
  move_job(input.job, state, 'running', attempt, 'null')
  if operation then touch_cluster(name, 'lastJob', last_job(input.job, kind, 'running'), 'updatedAt', input.at) end
end
local found = redis.call('HGET', cluster, 'uid') == uid and redis.call('HMGET', cluster, unpack(cluster_fields)) or {}
return { 'claimed', token, leased, redis.call('HMGET', target, unpack(job_fields)), found }
