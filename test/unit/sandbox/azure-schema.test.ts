import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { schemaOf } from '../../../sandbox/azure/schema/schema.js';
import { resourceTypes } from '../../../sandbox/azure/types/index.js';
import { readClass } from './sdk-schema.js';

const file = new URL('../../../sandbox/azure/schema/schema.json', import.meta.url);

describe('azure resource types', () => {
  it('have the properties of the SDK\'s classes in schema.json', () => {
    const fromSdk = Object.fromEntries(resourceTypes.map(({ token }) => [token, readClass(token)]));
    // After an upgrade of the SDK: CLUSTERWRIGHT_UPDATE_SCHEMA=1 npx vitest run test/unit/sandbox/azure-schema.test.ts
    if (process.env['CLUSTERWRIGHT_UPDATE_SCHEMA'] === '1') writeFileSync(file, `${JSON.stringify(fromSdk, null, 1)}\n`);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(fromSdk);
  });

  it.each(resourceTypes.map((type) => [type.token, type] as const))('%s names only properties that its class has', (token, type) => {
    const { inputs, outputs } = schemaOf(token);
    const tops = (paths: readonly string[]): string[] => paths.map((path) => /^\w+/.exec(path)?.[0] ?? path);
    const namedInputs = [
      ...type.replaces,
      ...(type.autoname === undefined ? [] : [type.autoname.property]),
      ...tops((type.checks ?? []).flatMap((check) => check.paths)),
      ...tops((type.references ?? []).map((reference) => reference.property)),
    ].filter((name) => !(name in inputs));
    const namedOutputs = [...Object.keys(type.defaults ?? {}), ...(type.volatile ?? [])].filter((name) => !outputs.includes(name));
    expect({ namedInputs, namedOutputs }).toEqual({ namedInputs: [], namedOutputs: [] });
  });
});
