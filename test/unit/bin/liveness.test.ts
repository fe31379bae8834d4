import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { livenessFile, showLiveness } from '../../../bin/liveness.js';

let home: string;
let file: string;
beforeEach(() => {
  vi.useFakeTimers();
  home = mkdtempSync(path.join(tmpdir(), 'clusterwright-liveness-'));
  file = path.join(home, livenessFile);
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(home, { recursive: true, force: true });
});

it('shows the worker while it is ready, and goes with it', () => {
  const hide = showLiveness(home, { warn: vi.fn() });
  expect(readFileSync(file, 'utf8')).toBe(`${process.pid}\n`);
  hide();
  expect(existsSync(file)).toBe(false);
});

it('is shared by workers of one home: who stops takes nothing away from another, and what was taken away comes back', () => {
  const warn = vi.fn();
  const hide = showLiveness(home, { warn });
  rmSync(file);
  vi.advanceTimersByTime(5_000);
  expect(readFileSync(file, 'utf8')).toBe(`${process.pid}\n`);
  writeFileSync(file, '1\n');
  hide();
  expect(readFileSync(file, 'utf8')).toBe('1\n');
  expect(warn).not.toHaveBeenCalled();
});

it('says when it cannot be written, and ends nothing by that', () => {
  const warn = vi.fn();
  const hide = showLiveness(home, { warn });
  rmSync(home, { recursive: true });
  vi.advanceTimersByTime(10_000);
  expect(warn).toHaveBeenCalledTimes(2);
  hide();
});
