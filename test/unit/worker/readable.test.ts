import { describe, expect, it } from 'vitest';
import { readable } from '../../../worker/engine/readable.js';

describe('readable text of providers and programs', () => {
  it('has no colours, neither the terminal\'s nor the engine\'s', () => {
    expect(readable('<{%fg 1%}>error:<{%reset%}> \u001b[31mno\u001b[0m')).toBe('error: no');
  });

  it('has no stack trace', () => {
    expect(readable('Unhandled exception: Error: no\n    at run (/srv/app/dist/programs/aws/index.js:3:9)\n    at node:internal/process/task_queues:95:5\n    at async /srv/x.js:1:2')).toBe('Unhandled exception: Error: no');
  });

  it('is one line of at most 800 characters', () => {
    const text = readable(`first\n\n  second\n${'x'.repeat(2_000)}`);
    expect(text.startsWith('first second xxx')).toBe(true);
    expect(text).toHaveLength(800);
    expect(text.endsWith('…')).toBe(true);
  });
});
