import { describe, expect, it } from 'vitest';
import { exactly, withinPrefixes } from '../../../programs/azure/policies/containers.js';
import { holds, type ConditionContext } from '../../../sandbox/azure/data-planes/condition.js';

const blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';
const blob = (verb: string, path: string): ConditionContext => ({ action: `${blobs}/${verb}`, attributes: { [`@Resource[${blobs}:path]`]: path } });
const list = (prefix: string): ConditionContext => ({ action: `${blobs}/read`, subOperation: 'Blob.List', attributes: { [`@Request[${blobs}:prefix]`]: prefix } });

describe('the condition of a role assignment', () => {
  const condition = withinPrefixes(['rendezvous/', 'etcd/']);

  it.each([
    ['a read below', blob('read', 'rendezvous/nodes/a.json'), true],
    ['a write below', blob('write', 'etcd/1.db'), true],
    ['a read elsewhere', blob('read', 'velero/x'), false],
    ['a write elsewhere', blob('write', 'velero/x'), false],
    ['a list below', list('rendezvous/nodes/'), true],
    ['a list of all', list(''), false],
  ])('of prefixes: %s', (_what, context, expected) => {
    expect(holds(condition, context)).toBe(expected);
  });

  it('of single blobs', () => {
    const documents = exactly(['openid/v1/jwks']);
    expect(holds(documents, blob('write', 'openid/v1/jwks'))).toBe(true);
    expect(holds(documents, blob('write', 'openid/v1/other'))).toBe(false);
    // It says nothing about what else the role allows.
    expect(holds(documents, blob('read', 'anything'))).toBe(true);
  });

  it.each(['@Resource[x:y] ForAnyOfAnyValues:StringLike {\'a\'}', '(ActionMatches{\'a\'}', '@Resource[x:y] NumericEquals \'1\''])('that is not imitated is refused: %s', (text) => {
    expect(() => holds(text, blob('read', 'a'))).toThrow();
  });
});
