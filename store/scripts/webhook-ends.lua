-- Puts into the outbox of webhooks which clusters have come near an end, by kind: `before` has until when what ends is within so many days, the least first. What was told of a kind is kept with each
-- cluster, so that whoever looks next tells it no more. Only a later end is another one: a report that was written late has an earlier one.
for _, ending in ipairs(input.kinds) do
  local told = key('ending-told', ending.kind)
  local after = '-inf'
  for _, within in ipairs(ending.within) do
    local before = whole(within.before)
    local found = redis.call('ZRANGEBYSCORE', key('ending', ending.kind), after, before, 'WITHSCORES')
    for index = 1, #found, 2 do
      local name, ends_at = found[index], tonumber(found[index + 1])
      local last_end, last_days = string.match(redis.call('HGET', told, name) or '', '^(%d+) (%d+)$')
      if not last_end or ends_at > tonumber(last_end) or (ends_at == tonumber(last_end) and within.days < tonumber(last_days)) then
        local uid, state, updated_at = unpack(redis.call('HMGET', key('cluster', name), 'uid', 'state', 'updatedAt'))
        -- What is renewed by the hour (`settledBy`) is known of clusters only that are ready, and were by then.
        if not ending.settledBy or (state == 'ready' and updated_at <= ending.settledBy) then
          redis.call('XADD', key('webhooks:changes'), '*', 'change', 'expiring', 'cluster', name, 'uid', uid, 'clusterState', state,
            'kind', ending.kind, 'endsAt', whole(ends_at), 'withinDays', within.days)
          redis.call('HSET', told, name, whole(ends_at) .. ' ' .. within.days)
        end
      end
    end
    after = '(' .. before
  end
end
return { 'noted' }
