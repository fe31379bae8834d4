import { describe, expect, it } from 'vitest';
import { discovery, versionInfo } from '../../../sandbox/kubernetes/api-server/discovery.js';
import { KindRegistry, kindsOfDefinition } from '../../../sandbox/kubernetes/api-server/kind-registry.js';
import { apiVersionOf, builtInKinds } from '../../../sandbox/kubernetes/api-server/kinds.js';
import { parseTarget } from '../../../sandbox/kubernetes/api-server/request-target.js';
import { fieldSelection, labelSelection } from '../../../sandbox/kubernetes/api-server/selectors.js';
import type { KubeObject } from '../../../sandbox/kubernetes/json.js';

const definition: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'volumesnapshots.snapshot.storage.k8s.io' },
  spec: { group: 'snapshot.storage.k8s.io', scope: 'Namespaced', names: { kind: 'VolumeSnapshot', plural: 'volumesnapshots' }, versions: [{ name: 'v1', served: true, storage: true }, { name: 'v1beta1', served: false }] },
};

describe('the table of kinds', () => {
  it('has each kind and each path once', () => {
    expect(new Set(builtInKinds.map((kind) => `${apiVersionOf(kind)}/${kind.kind}`)).size).toBe(builtInKinds.length);
    expect(new Set(builtInKinds.map((kind) => `${apiVersionOf(kind)}/${kind.plural}`)).size).toBe(builtInKinds.length);
  });

  it('serves the kinds of a definition in its served versions, until it goes', () => {
    const kinds = new KindRegistry();
    kinds.define(definition);

    expect(kindsOfDefinition(definition).map((kind) => kind.version)).toEqual(['v1']);
    expect(kinds.find('snapshot.storage.k8s.io', 'v1', 'volumesnapshots')).toMatchObject({ kind: 'VolumeSnapshot', namespaced: true, custom: true });

    kinds.undefine(definition.metadata.name);
    expect(kinds.find('snapshot.storage.k8s.io', 'v1', 'volumesnapshots')).toBeUndefined();
  });

  it('answers discovery', () => {
    expect(discovery(builtInKinds, ['api'])).toMatchObject({ versions: ['v1'] });
    expect(JSON.stringify(discovery(builtInKinds, ['apis']))).toContain('"groupVersion":"rbac.authorization.k8s.io/v1"');
    expect(discovery(builtInKinds, ['apis', 'apps', 'v1'])).toMatchObject({ resources: expect.arrayContaining([expect.objectContaining({ name: 'deployments', kind: 'Deployment', namespaced: true })]) });
    expect(discovery(builtInKinds, ['apis', 'nothing.example', 'v1'])).toBeUndefined();
    expect(versionInfo('1.35.0')).toMatchObject({ gitVersion: 'v1.35.0+simulated', minor: '35' });
  });
});

describe('request paths', () => {
  const kinds = new KindRegistry();
  const read = (path: string): unknown => parseTarget(kinds, path.split('/').filter(Boolean));

  it.each([
    ['/api/v1/namespaces', { kind: 'Namespace' }],
    ['/api/v1/namespaces/a', { kind: 'Namespace', name: 'a' }],
    ['/api/v1/namespaces/a/status', { kind: 'Namespace', name: 'a', subresource: 'status' }],
    ['/api/v1/namespaces/a/secrets', { kind: 'Secret', namespace: 'a' }],
    ['/apis/apps/v1/namespaces/a/deployments/b/status', { kind: 'Deployment', namespace: 'a', name: 'b', subresource: 'status' }],
    ['/apis/apps/v1/deployments', { kind: 'Deployment' }],
  ])('reads %s', (path, { kind, ...rest }) => {
    expect(read(path)).toMatchObject({ kind: { kind }, ...rest });
  });

  it.each(['/api/v1/unknown', '/apis/apps/v2/deployments', '/apis/apps/v1/deployments/b', '/api/v1/namespaces/a/nodes/b', '/apis/apps/v1/namespaces/a/deployments/b/exec'])('knows nothing at %s', (path) => {
    expect(() => read(path)).toThrow('the server could not find the requested resource');
  });
});

describe('selectors', () => {
  const object = (labels: Record<string, string>): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'n', labels }, type: 'Opaque' });

  it.each([
    ['a=1', true], ['a==1', true], ['a!=1', false], ['b!=1', true], ['a', true], ['!a', false], ['a in (1,2)', true], ['a notin (1,2)', false], ['a in (1, 2),b', false], ['', true],
  ])('%j selects: %j', (selector, selected) => {
    expect(labelSelection(selector)(object({ a: '1' }))).toBe(selected);
  });

  it('selects by fields', () => {
    expect(fieldSelection('metadata.name=s,metadata.namespace!=x,type=Opaque')(object({}))).toBe(true);
    expect(() => fieldSelection('spec.hostNetwork=x')).toThrow('field label not supported');
    expect(() => labelSelection('a = (')).toThrow('unable to parse requirement');
  });
});
