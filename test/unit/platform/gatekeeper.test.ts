import { describe, expect, it } from 'vitest';
import { constraintKind, constraintsOf } from '../../../programs/platform/gatekeeper.js';
import { addonNamespaces } from '../../../model/platform.js';
import { gatekeeperKinds } from '../../../sandbox/kubernetes/provider/gatekeeper-kinds.js';
import { policyFiles } from '../../../templates/policies/index.js';
import { specOf } from './clusters.js';

const constraints = (policies: object) => Object.fromEntries(constraintsOf(specOf('production', { platform: { policy: 'gatekeeper' }, policies: policies as never })).map(({ file, constraint }) => [file, constraint.spec as { enforcementAction: string; match: { excludedNamespaces: string[] } }]));
const trustedRegistries = ['registry.example.com', 'ghcr.io/acme'];

describe('constraints of Gatekeeper', () => {
  it('note what they object to where the spec says nothing, and refuse where it says so, but never for a root that can be written to', () => {
    const actions = (policies: object) => Object.fromEntries(Object.entries(constraints(policies)).map(([file, { enforcementAction }]) => [file, enforcementAction]));
    expect(actions({})).toEqual({ 'fixed-image-tags': 'dryrun', 'requests-and-limits': 'dryrun', 'read-only-root': 'dryrun' });
    expect(actions({ mode: 'enforce', trustedRegistries })).toEqual({ 'trusted-registries': 'deny', 'fixed-image-tags': 'deny', 'requests-and-limits': 'deny', 'read-only-root': 'dryrun' });
  });

  it('trust the registries of the spec', () => {
    expect(constraints({ trustedRegistries })['trusted-registries']).toMatchObject({ parameters: { registries: trustedRegistries } });
  });

  it('leave out Kubernetes\' own namespaces and those of all add-ons', () => {
    for (const { match } of Object.values(constraints({ trustedRegistries }))) expect(match.excludedNamespaces).toEqual(expect.arrayContaining(['kube-system', 'calico-system', ...Object.keys(addonNamespaces)]));
  });

  it('have templates called as their kinds in small letters, as Gatekeeper wants it', () => {
    for (const { template, constraint } of constraintsOf(specOf('production', { platform: { policy: 'gatekeeper' } }))) expect(template.metadata.name).toBe(constraint.kind.toLowerCase());
  });

  it('have kinds that the sandbox knows', () => {
    const kinds = gatekeeperKinds.map(({ spec }) => (spec as { names: { kind: string } }).names.kind);
    expect(kinds.slice(1).sort()).toEqual(policyFiles.map(constraintKind).sort());
  });
});
