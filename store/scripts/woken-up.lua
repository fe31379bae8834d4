-- The queue has these wake-ups. They stay, to be repeated later, until workers have claimed the jobs: what a queue loses is not lost.
local later = whole(now() + input.repeatMs)
for _, member in ipairs(input.wakeUps) do redis.call('ZADD', key('outbox'), 'XX', later, member) end
return { 'noted' }
