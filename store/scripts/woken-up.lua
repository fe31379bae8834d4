-- The queue has this wake-up. It stays, to be repeated later, until a worker has claimed the job: what a queue loses is not lost.
for _, member in ipairs(input.wakeUps) do
  redis.call('ZADD', key('outbox'), 'XX', whole(now() + input.repeatMs), member)
end
return { 'noted' }
