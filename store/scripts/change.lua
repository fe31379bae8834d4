-- A change of a cluster that has no unfinished job: the new fields and the job that carries them out.
local cluster = key('cluster', input.name)
local current = redis.call('HMGET', cluster, 'version', 'uid', 'activeJob', 'state')
if not current[1] then return { 'cluster-not-found' } end
if input.version and current[1] ~= input.version then return { 'precondition-failed', current[1] } end
-- Deleted and made anew since the caller looked.
if current[2] ~= input.uid then return { 'precondition-failed', current[1] } end
if current[3] ~= 'null' then return { 'operation-in-progress', text(current[3]) } end
if not contains(input.from, current[4]) then return { 'refused-move', text(current[4]) } end

create_job(input.job)
save_cluster(input.name, input.fields)
return { 'changed', redis.call('HGETALL', cluster) }
