-- A worker's write for its job, fenced by its token: all of it or nothing.
local id = input.lease.job
local lease = key('lease', input.lease.key)
local held = redis.call('HMGET', lease, 'token', 'job', 'write')
if held[1] ~= input.lease.token or held[2] ~= id then
  -- The answer to the last write got lost and the caller asks again: it has happened.
  if input.finish and redis.call('HGET', key('job', id), 'endedBy') == input.lease.token then return { 'written' } end
  return { 'lease-lost' }
end
if input.id and held[3] == input.id then return { 'written' } end

local job = redis.call('HMGET', key('job', id), 'state', 'kind', 'cluster', 'uid')
if input.job and not contains(input.job.from, job[1]) then return { 'refused-move', 'job', text(job[1]) } end
local operation = job[2] ~= '"preview"'
local name = text(job[3])
if input.cluster or input.gone then
  local cluster = redis.call('HMGET', key('cluster', name), 'uid', 'state')
  if not operation or cluster[1] ~= job[4] then return { 'refused-cluster' } end
  if input.cluster and not contains(input.cluster.from, cluster[2]) then return { 'refused-move', 'cluster', text(cluster[2]) } end
end

for _, event in ipairs(input.events) do append(id, event) end
local moved = input.job and save_job(id, input.job.fields)
if input.gone then
  remove_cluster(name)
elseif operation and (input.cluster or moved) then
  local fields = input.cluster and input.cluster.fields or { 'updatedAt', input.at }
  table.insert(fields, 'lastJob')
  table.insert(fields, last_job(id))
  if input.finish then
    table.insert(fields, 'activeJob')
    table.insert(fields, 'null')
  end
  save_cluster(name, fields)
end
if input.id then redis.call('HSET', lease, 'write', input.id) end
if input.finish then
  redis.call('HSET', key('job', id), 'endedBy', input.lease.token)
  redis.call('DEL', lease)
  redis.call('ZREM', key('leases'), id)
end
return { 'written' }
