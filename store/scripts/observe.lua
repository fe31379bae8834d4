-- Keeps what was seen of a cluster, or found out about it (`input.report`: of which kind), unless that very cluster is gone.
if redis.call('HGET', key('cluster', input.name), 'uid') ~= input.uid then return { 'gone' } end
if input.report then
  redis.call('HSET', key('reports', input.name), input.report, ARGV[2])
else
  redis.call('SET', key('observation', input.name), ARGV[2])
end
return { 'kept' }
