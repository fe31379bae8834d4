-- Keeps what was seen of a cluster, found out about it (`input.report`: of which kind), or left aside of its drift (`input.ignore`, `input.notice`: which finding), unless that very cluster is gone. Clusters whose machines are not replaced any more
-- (`input.stopped`: why), and when what a cluster has ends first (`input.ends`: by kind), have places of their own, so that a scrape need not look at all.
if redis.call('HGET', key('cluster', input.name), 'uid') ~= input.uid then return { 'gone' } end
if input.ignore then
  redis.call('HSET', key('drift-ignored', input.name), input.ignore, ARGV[2])
elseif input.notice then
  redis.call('HDEL', key('drift-ignored', input.name), input.notice)
elseif input.report then
  redis.call('HSET', key('reports', input.name), input.report, ARGV[2])
  if input.report == 'drift' then redis.call(input.drifted and 'SADD' or 'SREM', key('drifted'), input.name) end
  if input.report == 'machine-images' then redis.call(input.behind and 'SADD' or 'SREM', key('behind'), input.name) end
  if input.ends then
    for _, kind in ipairs(redis.call('SMEMBERS', key('ending'))) do redis.call('ZREM', key('ending:' .. kind), input.name) end
    for kind, at in pairs(input.ends) do
      redis.call('SADD', key('ending'), kind)
      redis.call('ZADD', key('ending:' .. kind), at, input.name)
    end
  end
else
  redis.call('SET', key('observation', input.name), ARGV[2])
  if input.stopped then redis.call('HSET', key('replacement-stopped'), input.name, input.stopped) else redis.call('HDEL', key('replacement-stopped'), input.name) end
end
return { 'kept' }
