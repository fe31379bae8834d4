-- Keeps what was seen of a cluster, unless that very cluster is gone.
if redis.call('HGET', key('cluster', input.name), 'uid') ~= input.uid then return { 'gone' } end
redis.call('SET', key('observation', input.name), ARGV[2])
return { 'kept' }
