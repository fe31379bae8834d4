import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import { webhookEvents } from '../../../model/webhooks.js';
import { signatureHeader } from '../../../worker/webhooks/signature.js';

const text = await readFile(new URL('../../../docs/webhooks.md', import.meta.url), 'utf8');

describe('docs/webhooks.md', () => {
  it('has an example that tells genuine deliveries from others', () => {
    const code = /```js\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
    const isGenuine = vm.runInNewContext(`${code}; isGenuine`, { createHmac, timingSafeEqual, Buffer, Math, Date }) as (secret: string, header: string, body: string) => boolean;
    const now = Date.now();
    const signed = (secrets: string[], ageMs = 0): string => signatureHeader(secrets, new Date(now - ageMs), '{"a":1}');
    expect(isGenuine('the-secret', signed(['the-secret']), '{"a":1}')).toBe(true);
    expect(isGenuine('the-secret', signed(['another-one', 'the-secret']), '{"a":1}')).toBe(true);
    expect(isGenuine('the-secret', signed(['the-secret']), '{"a":2}')).toBe(false);
    expect(isGenuine('the-secret', signed(['another-one']), '{"a":1}')).toBe(false);
    expect(isGenuine('the-secret', signed(['the-secret'], 310_000), '{"a":1}')).toBe(false);
    expect(isGenuine('the-secret', `t=${Math.floor(now / 1000)},v1=short`, '{"a":1}')).toBe(false);
  });

  it('names every event', () => {
    for (const event of webhookEvents) expect(text).toContain(`\`${event}\``);
  });
});
