import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { templateView } from '../../../api/views/template.js';
import { draftOf, hasField, requestOf, withTemplate, type Draft } from '../../../console/create/draft.js';
import type { Template } from '../../../console/shapes.js';
import { templateSchema } from '../../../model/template.js';

const folder = new URL('../../../templates/clusters/', import.meta.url);
const templates = readdirSync(folder).map((file) => templateView(templateSchema.parse(parse(readFileSync(new URL(file, folder), 'utf8')))));

function template(name: string): Template {
  const found = templates.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no template ${name}`);
  return found;
}

const filled: Draft = { ...draftOf(template('production')), name: ' payments ', owner: '', tenantId: 't', clientId: 'c', groups: [{ id: 'g', role: 'viewer', namespaces: 'a, b,' }, { id: 'h', role: 'admin', namespaces: 'left over' }] };

describe('the form of a new cluster', () => {
  it('begins with what the template gives on its cloud', () => {
    expect(draftOf(template('production'))).toMatchObject({ provider: 'aws', region: 'eu-west-1', pools: [{ name: 'general', machineType: 'm7i.xlarge', minNodes: '3', maxNodes: '10', diskGiB: '100' }] });
    expect(withTemplate(filled, template('development'), 'azure')).toMatchObject({ name: ' payments ', provider: 'azure', region: 'westeurope', pools: [{ machineType: 'Standard_B2ms' }] });
  });

  it('becomes a request: trimmed, with numbers, without what is empty or does not hold for a role', () => {
    expect(requestOf(filled).request).toEqual({
      name: 'payments', template: 'production', provider: 'aws', region: 'eu-west-1', kubernetesVersion: '1.35',
      nodePools: [{ name: 'general', machineType: 'm7i.xlarge', minNodes: 3, maxNodes: 10, diskGiB: 100 }],
      access: { entra: { tenantId: 't', clientId: 'c' }, groups: [{ id: 'g', role: 'viewer', namespaces: ['a', 'b'] }, { id: 'h', role: 'admin' }] },
    });
  });

  it('leaves a number that is none for the service to refuse', () => {
    expect(requestOf({ ...filled, pools: [{ name: 'p', machineType: 'm', minNodes: 'three', maxNodes: '', diskGiB: '1' }] }).request).toMatchObject({ nodePools: [{ minNodes: 'three', maxNodes: '' }] });
  });

  it('merges the JSON over the fields by RFC 7396, and says what is no JSON', () => {
    expect(requestOf({ ...filled, advanced: '{"labels": {"a": "b"}, "region": null, "access": {"entra": {"clientId": "d"}}, "nodePools": []}' }).request)
      .toEqual({ ...requestOf({ ...filled }).request, region: undefined, labels: { a: 'b' }, nodePools: [], access: { entra: { tenantId: 't', clientId: 'd' }, groups: expect.any(Array) } });
    expect(requestOf({ ...filled, advanced: '{' }).wrongJson).toMatch(/^is not JSON/);
    expect(requestOf({ ...filled, advanced: '[]' }).wrongJson).toMatch(/must be a JSON object/);
  });

  it('knows which places have a field', () => {
    expect(['/name', '/nodePools/0/minNodes', '/access/groups/0/namespaces', '/access/groups/1/role'].filter((place) => hasField(filled, place))).toHaveLength(4);
    expect(['', '/nodePools/1/name', '/access/groups/1/namespaces', '/network/cidr'].filter((place) => hasField(filled, place))).toEqual([]);
  });
});
