import { readFile, readdir } from 'node:fs/promises';
import { templateEntityV1beta3Validator, type TemplateEntityV1beta3 } from '@backstage/plugin-scaffolder-common';
import type { JsonObject, JsonValue } from '@backstage/types';
import { validate } from 'jsonschema';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startBackend } from './backend';

const folder = new URL('../templates/', import.meta.url);
const filled: JsonObject = {
  name: 'payments-prod', template: 'production', provider: 'aws', region: 'eu-west-1', owner: 'group:default/payments', retain: 'backups',
  tenantId: '11111111-1111-4111-8111-111111111111', clientId: '22222222-2222-4222-8222-222222222222',
  groups: [{ id: '33333333-3333-4333-8333-333333333333', role: 'developer', namespaces: ['payments'] }],
};

describe.each(await readdir(folder))('the template %s', (name) => {
  let template: TemplateEntityV1beta3;
  let actions: Awaited<ReturnType<typeof startBackend>>['actions'];

  beforeAll(async () => {
    template = parse(await readFile(new URL(`${name}/template.yaml`, folder), 'utf8')) as TemplateEntityV1beta3;
    const { actions: ours, backend } = await startBackend();
    actions = ours;
    await backend.stop();
  });

  it('is one that Backstage takes', async () => {
    await expect(templateEntityV1beta3Validator.check(template)).resolves.toBe(true);
  });

  it('gives our actions what they can use, by Backstage\'s own check', () => {
    for (const { action, input = {} } of template.spec.steps) {
      const schema = actions.get(action)?.schema?.input;
      if (schema === undefined) throw new Error(`there is no action ${action}`);
      expect(validate(rendered(input), schema).errors.map(String)).toEqual([]);
    }
  });

  it('shows what its steps put out', () => {
    for (const [, step = '', output = ''] of JSON.stringify(template.spec.output).matchAll(/steps\.(\w+)\.output\.(\w+)/g)) {
      const action = template.spec.steps.find(({ id }) => id === step)?.action ?? '';
      expect(Object.keys(actions.get(action)?.schema?.output?.properties ?? {}), `${step}.${output}`).toContain(output);
    }
  });

  it('asks for everything that its steps use', () => {
    const asked = [template.spec.parameters ?? []].flat().flatMap((page) => [...propertiesOf(page), ...dependentProperties(page)]);
    for (const [, parameter = ''] of JSON.stringify(template.spec.steps).matchAll(/parameters\.(\w+)/g)) expect(asked).toContain(parameter);
  });
});

/** A step's input with the form filled in. */
function rendered(value: JsonValue): JsonValue {
  if (typeof value === 'string') {
    const parameter = /^\$\{\{ parameters\.(\w+) \}\}$/.exec(value)?.[1];
    return parameter === undefined ? value : filled[parameter] ?? null;
  }
  if (Array.isArray(value)) return value.map(rendered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rendered(inner ?? null)]));
}

function propertiesOf(schema: JsonObject): string[] {
  return Object.keys(schema['properties'] ?? {});
}

function dependentProperties(schema: JsonObject): string[] {
  return Object.values((schema['dependencies'] ?? {}) as Record<string, { oneOf: JsonObject[] }>).flatMap(({ oneOf }) => oneOf.flatMap(propertiesOf));
}
