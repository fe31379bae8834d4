import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../../../cli/exit-codes.js';
import { createProgram } from '../../../cli/program.js';
import { packageRoot } from '../../../worker/package-root.js';

const page = readFileSync(path.join(packageRoot(), 'docs/cli.md'), 'utf8');

describe('docs/cli.md', () => {
  it('has every exit code', () => {
    expect([...page.matchAll(/^\| ([0-9]+) \| /gm)].map(([, code]) => Number(code))).toEqual(Object.values(exitCodes));
  });

  it('has every command that people call', () => {
    const program = createProgram(new AbortController().signal);
    const names = program.createHelp().visibleCommands(program).map((command) => command.name()).filter((name) => name !== 'help' && name !== 'version');

    expect(names).toContain('create');
    expect(names.filter((name) => !page.includes(`\`${name}`))).toEqual([]);
  });
});
