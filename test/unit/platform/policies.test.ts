import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addonNamespaces } from '../../../model/platform.js';
import { policiesSchema } from '../../../model/policies.js';
import { kyvernoAnswers } from '../../../programs/platform/values/kyverno-answers.js';
import { kyvernoPolicies, policiesOf } from '../../../programs/platform/values/kyverno-policies.js';
import { signedImages } from '../../../programs/platform/values/signed-images.js';
import { valuesOf } from '../../../programs/platform/values/index.js';
import { policyFiles, type Policy } from '../../../templates/policies/index.js';
import { pinnedReleases } from '../../../tools/setup/kubernetes.mjs';
import { inputOf, specOf } from './clusters.js';

type Applied = Policy & { spec: { validationActions: string[] } };
const applied = (policies: object): Applied[] => policiesOf(specOf('production', { platform: { policy: 'kyverno' }, policies: policies as never })) as Applied[];
const actions = (policies: object) => Object.fromEntries(applied(policies).map(({ metadata, spec }) => [metadata.name, spec.validationActions]));
const trustedRegistries = ['registry.example.com', 'ghcr.io/acme'];

const signed = { by: 'key', images: 'registry.example.com/team', key: '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n', registrySecret: 'registry' };

describe('policies of the platform', () => {
  it('report where the spec says nothing', () => {
    expect(actions({})).toEqual({ 'fixed-image-tags': ['Audit'], 'requests-and-limits': ['Audit'], 'read-only-root': ['Audit'] });
  });

  it('refuse where the spec says so, but never for a root that can be written to', () => {
    expect(actions({ mode: 'enforce', trustedRegistries })).toEqual({ 'trusted-registries': ['Deny'], 'fixed-image-tags': ['Deny'], 'requests-and-limits': ['Deny'], 'read-only-root': ['Audit'] });
  });

  it('trust the registries of the spec', () => {
    expect(applied({ trustedRegistries })[0]?.spec.variables[0]).toEqual({ name: 'trusted', expression: "['registry.example.com', 'ghcr.io/acme']" });
  });

  it('leave out Kubernetes\' own namespaces and those of all add-ons', () => {
    for (const { spec } of applied({ trustedRegistries })) {
      for (const namespace of ['kube-system', 'calico-system', ...Object.keys(addonNamespaces)]) expect(spec.matchConditions[0]?.expression).toContain(`'${namespace}'`);
    }
  });

  it('have nothing in them that a chart would take for a template', () => {
    expect(JSON.stringify(applied({ mode: 'enforce', trustedRegistries }))).not.toContain('{{');
  });

  it.each(['registry.example.com/', "a.example.com'] + ['b", 'registry', 'https://registry.example.com', 'registry.example.com/UPPER'])('take no %s for a registry', (entry) => {
    expect(policiesSchema.safeParse({ trustedRegistries: [entry] }).success).toBe(false);
  });

  it('are written when Kyverno has answered a job of its own version', () => {
    const [first, ...rest] = kyvernoPolicies(inputOf(specOf('production')))['customPolicies'] as { kind: string }[];
    expect(first).toBe(kyvernoAnswers);
    expect(kyvernoAnswers.metadata.annotations['helm.sh/hook']).toBe('pre-install,pre-upgrade');
    expect(kyvernoAnswers.spec.template.spec.containers[0].image).toBe(`ghcr.io/kyverno/readiness-checker:v${pinnedReleases().find(({ name }) => name === 'kyverno')?.version ?? ''}`);
    expect(new Set(rest.map(({ kind }) => kind))).toEqual(new Set(['ValidatingPolicy']));
  });

  it('look at signatures where the spec asks for them, and pin what was looked at only where they refuse', () => {
    const policy = (policies: object) => signedImages(specOf('production', { policies: policies as never }))[0];
    expect(policy({})).toBeUndefined();
    expect(policy({ signedImages: [signed] })).toMatchObject({ kind: 'ImageValidatingPolicy', spec: { validationActions: ['Audit'], validationConfigurations: { mutateDigest: false, verifyDigest: false } } });
    expect(policy({ mode: 'enforce', signedImages: [signed, { by: 'identity', images: 'ghcr.io/acme', issuer: 'https://issuer.example.com', subject: 'me' }] })).toMatchObject({
      spec: {
        validationActions: ['Deny'], validationConfigurations: { mutateDigest: true, verifyDigest: true, required: true },
        matchImageReferences: [{ glob: 'registry.example.com/team/*' }, { glob: 'ghcr.io/acme/*' }],
        credentials: { secrets: ['registry-registry'] },
        attestors: [{ cosign: { key: { data: signed.key } } }, { cosign: { keyless: { identities: [{ issuer: 'https://issuer.example.com', subject: 'me' }] } } }],
      },
    });
    expect((policy({ signedImages: [signed] }) as { spec: { matchConditions: { expression: string }[] } }).spec.matchConditions[0]?.expression).toContain("'kube-system'");
  });

  it.each(['aws', 'azure'] as const)('sign in to registries with what the store of %s holds under the name of Kyverno\'s namespace', (provider) => {
    const spec = specOf('production', { policies: { signedImages: [signed, { ...signed, images: 'registry.example.com/other' }] } }, provider);
    expect((valuesOf('external-secrets-stores', inputOf(spec))['extraObjects'] as object[]).slice(1)).toEqual([expect.objectContaining({
      kind: 'ExternalSecret', metadata: { name: 'registry-registry', namespace: 'kyverno' },
      spec: expect.objectContaining({ data: [{ secretKey: '.dockerconfigjson', remoteRef: { key: { aws: 'kyverno/registry', azure: 'kyverno--registry' }[provider] } }] }) as unknown,
    })]);
  });

  it('stand in docs/platform.md', () => {
    const docs = readFileSync(new URL('../../../docs/platform.md', import.meta.url), 'utf8');
    for (const file of [...policyFiles, 'signed-images']) expect(docs).toContain(`| \`${file}\` |`);
  });
});
