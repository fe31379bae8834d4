-- Wake-ups that are due, the oldest first.
return redis.call('ZRANGEBYSCORE', key('outbox'), '-inf', whole(now()), 'LIMIT', 0, input.limit)
