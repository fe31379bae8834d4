-- Keeps what was seen of a cluster, or found out about it (`input.report`: of which kind), unless that very cluster is gone. Clusters whose machines are not replaced any more
-- (`input.stopped`: why) have a place of their own, so that a scrape need not look at all.
if redis.call('HGET', key('cluster', input.name), 'uid') ~= input.uid then return { 'gone' } end
if input.report then
  redis.call('HSET', key('reports', input.name), input.report, ARGV[2])
else
  redis.call('SET', key('observation', input.name), ARGV[2])
  if input.stopped then redis.call('HSET', key('replacement-stopped'), input.name, input.stopped) else redis.call('HDEL', key('replacement-stopped'), input.name) end
end
return { 'kept' }
