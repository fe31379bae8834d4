import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addonNamespaces } from '../../../model/platform.js';
import { policiesSchema } from '../../../model/policies.js';
import { kyvernoAnswers } from '../../../programs/platform/values/kyverno-answers.js';
import { kyvernoPolicies, policiesOf } from '../../../programs/platform/values/kyverno-policies.js';
import { policyFiles, type Policy } from '../../../templates/policies/index.js';
import { inputOf, specOf } from './clusters.js';

type Applied = Policy & { spec: { validationActions: string[] } };
const applied = (policies: object): Applied[] => policiesOf(specOf('production', { platform: { policy: 'kyverno' }, policies: policies as never })) as Applied[];
const actions = (policies: object) => Object.fromEntries(applied(policies).map(({ metadata, spec }) => [metadata.name, spec.validationActions]));
const trustedRegistries = ['registry.example.com', 'ghcr.io/acme'];

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

  it('are written when Kyverno has answered a job', () => {
    const [first, ...rest] = kyvernoPolicies(inputOf(specOf('production')))['customPolicies'] as { kind: string }[];
    expect(first).toBe(kyvernoAnswers);
    expect(kyvernoAnswers.metadata.annotations['helm.sh/hook']).toBe('pre-install,pre-upgrade');
    expect(new Set(rest.map(({ kind }) => kind))).toEqual(new Set(['ValidatingPolicy']));
  });

  it('stand in docs/platform.md', () => {
    const docs = readFileSync(new URL('../../../docs/platform.md', import.meta.url), 'utf8');
    for (const file of policyFiles) expect(docs).toContain(`| \`${file}\` |`);
  });
});
