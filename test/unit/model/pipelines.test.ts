import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../../bin/catalogue.js';
import type { Accounts } from '../../../model/accounts.js';
import { isClusterwrightError } from '../../../model/errors.js';
import { mergePatch, type Json } from '../../../model/merge-patch.js';
import { resolvePatch, resolveRequest } from '../../../model/resolve.js';
import { fullRequest } from '../../support/portal.js';

const accounts: Accounts = { default: { aws: { provider: 'aws', accountId: '123456789012', reach: { type: 'public' } } } };
const context = { catalogue: await loadCatalogue(), accounts };
const github = 'https://token.actions.githubusercontent.com';
const { tenantId, clientId } = (fullRequest('payments-prod') as { access: { entra: { tenantId: string; clientId: string } } }).access.entra;

const good = { name: 'shop', issuer: github, audience: 'clusterwright', claims: [{ claim: 'repository', value: 'acme/shop' }], namespace: 'payments', role: 'developer' };
const request = (...pipelines: Json[]): Json => mergePatch(fullRequest('payments-prod') as Json, { access: { pipelines } });

/** The faults of these pipelines, by pointer below the list. */
function faultsOf(...pipelines: Json[]): Record<string, string> {
  try {
    resolveRequest(request(...pipelines), context);
  } catch (error) {
    if (isClusterwrightError(error) && error.faults) return Object.fromEntries(error.faults.map(({ pointer, detail }) => [pointer.replace('/access/pipelines/', ''), detail]));
    throw error;
  }
  return {};
}
const pointersOf = (...pipelines: Json[]): string[] => Object.keys(faultsOf(...pipelines)).sort();
const ruled = (claim: string, value: string): Json => ({ ...good, claims: [{ claim, value }] });

describe('pipelines of a spec', () => {
  it('are none unless they are given, and change with a patch', () => {
    const spec = resolveRequest(fullRequest('payments-prod') as Json, context);
    expect(spec.access.pipelines).toEqual([]);
    expect(resolvePatch(spec, { access: { pipelines: [good] } }, context).access).toMatchObject({ pipelines: [good], groups: spec.access.groups });
  });

  it.each([
    ['a repository', 'repository', 'acme/shop'], ['all repositories of an organisation', 'repository', 'acme/*'], ['a subject of GitHub', 'sub', 'repo:acme/shop:environment:production'],
    ['a subject of GitHub that begins with the organisation', 'sub', 'repo:acme/*'], ['a subject of GitLab', 'sub', 'project_path:acme/*'], ['a job of Jenkins', 'sub', 'https://ci.example.com/job/shop/*'],
  ])('may be ruled by %s', (_what, claim, value) => {
    expect(faultsOf(ruled(claim, value))).toEqual({});
  });

  const refused: readonly (readonly [string, Json, string])[] = [
    ['no rule at all', { ...good, claims: [] }, '0/claims'],
    ['no rules', { ...good, claims: null }, '0/claims'],
    ['a branch alone, which everybody has', ruled('ref', 'refs/heads/main'), '0/claims'],
    ['a subject that only names its kind', ruled('sub', 'repo:*'), '0/claims'],
    ['a subject of any owner', ruled('sub', 'repository_owner:*'), '0/claims'],
    ['a subject of any host', ruled('sub', 'https://*'), '0/claims'],
    ['an owner whose name only begins so', ruled('repository_owner', 'acme-*'), '0/claims'],
    ['an organisation whose name only begins so', ruled('repository', 'acme*'), '0/claims/0/value'],
    ['anything', ruled('repository', '*'), '0/claims/0/value'],
    ['an asterisk within', ruled('repository', 'acme/*/x'), '0/claims/0/value'],
    ['an empty value', ruled('repository', ''), '0/claims/0/value'],
    ['a value with a line break', ruled('repository', 'acme/shop\n'), '0/claims/0/value'],
    ['an e-mail address', ruled('email', 'ann@example.com'), '0/claims/0/claim'],
    ['a claim that is no name', ruled('repository"]', 'acme/shop'), '0/claims/0/claim'],
    ['two rules for one claim', { ...good, claims: [...good.claims, { claim: 'repository', value: 'acme/other' }] }, '0/claims/1/claim'],
    ['an issuer without TLS', { ...good, issuer: 'http://ci.example.com' }, '0/issuer'],
    ['an issuer with a query', { ...good, issuer: 'https://ci.example.com/?a=b' }, '0/issuer'],
    ['an issuer with a user', { ...good, issuer: 'https://me@ci.example.com/' }, '0/issuer'],
    ['an issuer in capitals', { ...good, issuer: 'https://CI.example.com' }, '0/issuer'],
    ['the issuer of people', { ...good, issuer: `https://login.microsoftonline.com/${tenantId}/v2.0` }, '0/issuer'],
    ['the issuer of people by its older name', { ...good, issuer: `https://sts.windows.net/${tenantId}/` }, '0/issuer'],
    ['the cluster\'s own issuer', { ...good, issuer: 'https://payments-prod-abc123-issuer.s3.eu-west-1.amazonaws.com' }, '0/issuer'],
    ['the cluster\'s own issuer on Azure', { ...good, issuer: 'https://paymentsprodabc123issuer.blob.core.windows.net/issuer' }, '0/issuer'],
    ['the API server itself', { ...good, issuer: 'https://kubernetes.default.svc.cluster.local' }, '0/issuer'],
    ['people\'s audience', { ...good, audience: clientId }, '0/audience'],
    ['no audience', { ...good, audience: '' }, '0/audience'],
    ['a role of the whole cluster', { ...good, role: 'admin' }, '0/role'],
    ['a namespace that the spec has not', { ...good, namespace: 'other' }, '0/namespace'],
    ['a namespace of the platform', { ...good, namespace: 'kube-system' }, '0/namespace'],
    ['a name that a group of Kubernetes has', { ...good, name: 'system:masters' }, '0/name'],
    ['a private key for an authority', { ...good, certificateAuthority: '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n' }, '0/certificateAuthority'],
    ['an authority that is no certificate', { ...good, certificateAuthority: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n' }, '0/certificateAuthority'],
    ['a static token', { ...good, token: 'x' }, '0/token'],
  ];
  it.each(refused)('are refused with %s', (_what, pipeline, pointer) => {
    expect(pointersOf(pipeline)).toEqual([pointer]);
  });

  it('are refused where a token could be of two', () => {
    const other = (claims: Json[], change: object = {}): Json => ({ ...good, name: 'other', claims, ...change });
    const main = { claim: 'ref', value: 'refs/heads/main' };
    expect(faultsOf(good, other([{ claim: 'repository', value: 'acme/*' }, main]))['1/claims']).toContain('"shop"');
    expect(pointersOf(good, other([{ claim: 'sub', value: 'repo:acme/shop:ref:refs/heads/main' }]))).toEqual(['1/claims']);
    expect(pointersOf(good, other([{ claim: 'repository', value: 'acme/other' }]))).toEqual([]);
    expect(pointersOf(good, other(good.claims, { audience: 'another' }))).toEqual([]);
    expect(pointersOf(good, other(good.claims, { issuer: 'https://ci.example.com' }))).toEqual([]);
  });

  it('are refused where their rules are more than an API server compiles', () => {
    const long = Array.from({ length: 40 }, (_, index) => ({ ...good, name: `p${index}`, claims: [{ claim: 'repository', value: `acme/${index}` }, ...Array.from({ length: 5 }, (_unused, rule) => ({ claim: `c${rule}`, value: 'y'.repeat(250) }))] }));
    expect(pointersOf(...long)[0]).toMatch(/^\d+\/claims$/);
    expect(pointersOf(...long.slice(0, 20))).toEqual([]);
  });

  it('have all their faults told at once', () => {
    expect(pointersOf({ ...good, audience: clientId, namespace: 'other', claims: [{ claim: 'ref', value: 'refs/heads/main' }] }, { ...good, issuer: 'https://kubernetes.default.svc' }))
      .toEqual(['0/audience', '0/claims', '0/namespace', '1/issuer', '1/name']);
  });
});
