import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openApiDocument, openApiText } from '../../../api/openapi/document.js';
import { operations } from '../../../api/routes/index.js';
import { isJsonObject, type Json } from '../../../model/merge-patch.js';
import { specOf } from '../../support/infrastructure-input.js';

const document = openApiDocument();

/** The value at a JSON pointer's parts. */
function at(value: Json, ...parts: string[]): Json {
  return parts.reduce<Json>((inner, part) => (isJsonObject(inner) ? inner[part] ?? null : null), value);
}

it('is checked in as it is generated; "npm run openapi" brings it up to date', async () => {
  expect(await readFile(new URL('../../../api/openapi.json', import.meta.url), 'utf8')).toBe(openApiText());
});

describe('the OpenAPI document', () => {
  it('is of version 3.1 and has every operation that is not hidden, each under an id of its own', () => {
    expect(at(document, 'openapi')).toBe('3.1.0');
    for (const operation of operations.filter((candidate) => !candidate.hidden)) expect(at(document, 'paths', operation.path, operation.method, 'operationId')).toBe(operation.id);
    expect(new Set(operations.map((operation) => operation.id)).size).toBe(operations.length);
  });

  it('refers only to what it has', () => {
    const text = JSON.stringify(document);
    for (const [, section = '', name = ''] of text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g)) expect(at(document, 'components', section, name), name).not.toBeNull();
  });

  it('documents a problem for each error that an operation names', () => {
    for (const status of ['400', '404', '405', '409', '412', '413', '415', '422', '429', '500', '503']) {
      expect(at(document, 'paths', '/clusters/{name}', 'patch', 'responses', status, 'content', 'application/problem+json', 'schema', '$ref')).toBe('#/components/schemas/Problem');
    }
  });

  it('says of every change, and of no read, that it can be refused because there were too many', () => {
    const said = operations.filter((operation) => !operation.hidden && at(document, 'paths', operation.path, operation.method, 'responses', '429') !== null);
    expect(said.map(({ id }) => id)).toEqual(operations.filter(({ hidden, method }) => !hidden && method !== 'get').map(({ id }) => id));
  });

  it('has patterns as JSON Schema knows them, without the flags of a program', () => {
    const patterns = [...JSON.stringify(document).matchAll(/"pattern":("(?:[^"\\\\]|\\\\.)*")/g)].map(([, pattern = '']) => String(JSON.parse(pattern)));
    expect(patterns.length).toBeGreaterThan(20);
    expect(patterns.filter((pattern) => !pattern.endsWith('$'))).toEqual([]);
    const tenantId = at(document, 'components', 'schemas', 'ClusterRequest', 'properties', 'access', 'properties', 'entra', 'properties', 'tenantId', 'pattern');
    expect('11111111-AAAA-4aaa-8111-111111111111').toMatch(new RegExp(JSON.parse(JSON.stringify(tenantId)) as string, 'u'));
  });

  it('says that the body of a cancellation may be left out', () => {
    const body = at(document, 'paths', '/jobs/{id}/cancel', 'post', 'requestBody');
    expect(body).toMatchObject({ required: false, content: { 'application/json': { schema: { $ref: '#/components/schemas/CancelRequest' } } } });
    expect(at(document, 'components', 'schemas', 'CancelRequest')).toMatchObject({ additionalProperties: false, properties: { force: { type: 'boolean', default: false } } });
  });

  it('documents a problem for each way in which a job cannot be cancelled or tried again', () => {
    for (const [path, codes] of [['/jobs/{id}/cancel', ['job-finished']], ['/jobs/{id}/retry', ['job-not-retryable', 'operation-in-progress']]] as const) {
      for (const code of codes) expect(at(document, 'paths', path, 'post', 'responses', '409', 'description')).toContain(`\`${code}\``);
    }
    expect(at(document, 'paths', '/clusters/{name}', 'delete', 'responses', '409', 'description')).toContain('`cluster-protected`');
  });
});

describe('schemas derived from that of a spec', () => {
  const schema = (name: string): Json => at(document, 'components', 'schemas', name);

  it('say of a spec in an answer that what has a default is there, at every depth, and of what has none nothing more', () => {
    const answered = schema('ClusterSpec');
    expect(at(answered, 'required')).toEqual(expect.arrayContaining(['name', 'namespaces', 'storage']));
    expect(at(answered, 'properties', 'platform', 'required')).toEqual(Object.keys(at(answered, 'properties', 'platform', 'properties') ?? {}));
    expect(at(answered, 'properties', 'nodePools', 'items', 'required')).toEqual(['name', 'machineType', 'minNodes', 'maxNodes', 'diskGiB', 'labels', 'taints']);
    expect(at(answered, 'required')).not.toEqual(expect.arrayContaining(['gitops']));
  });

  it('ask of a spec in an answer for nothing that the service does not fill in', async () => {
    const spec = JSON.parse(JSON.stringify(await specOf('production'))) as Json;
    const required = (...parts: string[]) => at(schema('ClusterSpec'), ...parts, 'required') as string[];
    expect(Object.keys(spec ?? {})).toEqual(expect.arrayContaining(required()));
    expect(Object.keys(at(spec, 'platform') ?? {})).toEqual(expect.arrayContaining(required('properties', 'platform')));
    for (const pool of at(spec, 'nodePools') as Json[]) expect(Object.keys(pool ?? {})).toEqual(expect.arrayContaining(required('properties', 'nodePools', 'items')));
  });

  it('ask of a request for name, provider and access only', () => {
    const request = schema('ClusterRequest');
    expect(at(request, 'required')).toEqual(['name', 'provider', 'access']);
    expect(at(request, 'properties', 'network', 'required')).toBeNull();
    expect(at(request, 'properties', 'access', 'required')).toEqual(['entra']);
    expect(at(request, 'properties', 'nodePools', 'items', 'required')).toEqual(['name', 'machineType']);
    expect(at(request, 'additionalProperties')).toBe(false);
  });

  it('let a patch leave out or reset everything', () => {
    const patch = schema('ClusterPatch');
    expect(at(patch, 'required')).toBeNull();
    expect(at(patch, 'properties', 'owner', 'type')).toEqual(['string', 'null']);
    expect(at(patch, 'properties', 'nodePools', 'items', 'required')).toEqual(['name']);
    expect(at(patch, 'properties', 'nodePools', 'items', 'properties', 'name', 'type')).toBe('string');
    expect(at(patch, 'properties', 'namespaces', 'items', 'properties', 'quota', 'properties', 'cpu', 'type')).toEqual(['string', 'null']);
    expect(at(patch, 'properties', 'network', 'properties', 'apiServer', 'properties', 'public', 'type')).toEqual(['boolean', 'null']);
  });
});
