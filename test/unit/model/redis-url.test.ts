import { describe, expect, it } from 'vitest';
import { redisAddress, redisUrlSchema, withPassword } from '../../../model/redis-url.js';

describe('the address of Redis', () => {
  it('is one server, with TLS or without', () => {
    for (const url of ['redis://127.0.0.1:6379', 'rediss://user:secret@redis.example.com:6380/2']) expect(redisAddress(url)).toEqual({ kind: 'server', url });
  });

  it('is the primary that Sentinels name', () => {
    expect(redisAddress('redis+sentinel://a.example.com,b.example.com:5000/clusterwright')).toEqual({
      kind: 'sentinel', name: 'clusterwright', db: 0, tls: false, username: undefined, password: undefined, sentinelAuth: false,
      sentinels: [{ host: 'a.example.com', port: 26379 }, { host: 'b.example.com', port: 5000 }],
    });
    expect(redisAddress('rediss+sentinel://service:p%40ss@[fd00::1]:26379/main?db=3&sentinelAuth=same')).toMatchObject({
      name: 'main', db: 3, tls: true, username: 'service', password: 'p@ss', sentinelAuth: true, sentinels: [{ host: 'fd00::1', port: 26379 }],
    });
  });

  it.each(['http://127.0.0.1', 'redis://', 'redis+sentinel://a,b', 'redis+sentinel://a,,b/main', 'redis+sentinel://a/main?db=x', 'redis+sentinel://a/main?sentinelAuth=other'])('is not %s', (url) => {
    expect(redisUrlSchema.safeParse(url).success).toBe(false);
  });

  it('takes a password from elsewhere, whatever is in it', () => {
    expect(withPassword('redis://redis:6379', 'p@ss/1')).toBe('redis://:p%40ss%2F1@redis:6379');
    expect(withPassword('rediss://service:old@redis:6379/1', 'new')).toBe('rediss://service:new@redis:6379/1');
    expect(redisAddress(withPassword('redis+sentinel://service@a,b:1/main', 'p:w'))).toMatchObject({ username: 'service', password: 'p:w' });
  });
});
