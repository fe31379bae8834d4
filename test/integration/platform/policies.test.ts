import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { policiesOf } from '../../../programs/platform/values/kyverno-policies.js';
import { policyFiles, type Policy, type PolicyFile } from '../../../templates/policies/index.js';
import { good, passed, policedSpec as spec, refused } from '../../support/policy-cases.js';
import { until } from '../../support/until.js';
import { startRealCluster, type RealCluster } from '../sandbox-kubernetes/real-cluster.js';

const admission = '/apis/admissionregistration.k8s.io/v1';
let cluster: RealCluster;

const pod = (contents: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'payments' }, spec: contents });
/** What the API server says to a pod: undefined when it takes it. */
async function refusal(contents: object, namespace = 'payments'): Promise<string | undefined> {
  const object = pod(contents);
  return cluster.client.call('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, { ...object, metadata: { ...object.metadata, namespace } }).then(() => undefined, (error: unknown) => String(error));
}

/** A policy of Kyverno as the API server's own kind: the same language and the same fields, evaluated by Kubernetes' own implementation. Its action is left to the test. */
function asAdmissionPolicy(policy: Policy): object {
  const { failurePolicy, matchConstraints, matchConditions, variables, validations } = policy.spec;
  return {
    apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata: { name: policy.metadata.name },
    spec: { failurePolicy: failurePolicy === 'Ignore' ? 'Fail' : failurePolicy, matchConstraints, matchConditions, variables, validations },
  };
}

const binding = (name: PolicyFile) => ({ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { name }, spec: { policyName: name, validationActions: ['Deny'] } });

beforeAll(async () => {
  cluster = await startRealCluster();
  for (const name of ['payments', 'monitoring']) {
    await cluster.client.call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await until(() => cluster.client.call('GET', `/api/v1/namespaces/${name}/serviceaccounts/default`).then(() => true, () => false), 60_000);
  }
  for (const policy of policiesOf(spec) as Policy[]) {
    const { name } = policy.metadata;
    await cluster.client.call('POST', `${admission}/validatingadmissionpolicies`, asAdmissionPolicy(policy));
    await cluster.client.call('POST', `${admission}/validatingadmissionpolicybindings`, binding(name));
    // API servers read policies with a delay.
    await until(async () => (await refusal(Object.values(refused[name])[0] ?? {}))?.includes(`'${name}'`) === true, 60_000);
  }
}, 240_000);
afterAll(() => cluster.stop());

describe('policies in CEL, evaluated by an API server', () => {
  it.each(policyFiles.flatMap((policy) => Object.entries(refused[policy]).map(([what, contents]) => ({ policy, what, contents }))))('$policy objects to $what', async ({ policy, contents }) => {
    const answer = await refusal(contents);
    expect(answer).toContain(`ValidatingAdmissionPolicy '${policy}'`);
    // Nothing else is wrong with it.
    for (const other of policyFiles.filter((file) => file !== policy)) expect(answer).not.toContain(`'${other}'`);
  });

  it.each(Object.entries(passed))('let %s pass', async (_what, contents) => {
    expect(await refusal(contents)).toBeUndefined();
  });

  it('leave the namespaces of add-ons and Kubernetes alone', async () => {
    const bad = { containers: [{ name: 'c', image: 'quay.io/app' }] };
    expect(await refusal(bad)).toBeDefined();
    expect(await refusal(bad, 'monitoring')).toBeUndefined();
  });

  it('hold up no change of a pod that was there before but of what it runs', async () => {
    const bindings = `${admission}/validatingadmissionpolicybindings`;
    for (const name of policyFiles) await cluster.client.call('DELETE', `${bindings}/${name}`);
    await until(() => cluster.client.call('POST', '/api/v1/namespaces/payments/pods', pod({ containers: [{ name: 'c', image: 'quay.io/app' }] })).then(() => true, () => false), 60_000);
    for (const name of policyFiles) await cluster.client.call('POST', bindings, binding(name));
    await until(async () => (await refusal({ containers: [{ ...good, image: 'quay.io/app:1' }] }))?.includes("'trusted-registries'") === true, 60_000);

    const change = (body: object): Promise<unknown> => cluster.client.call('PATCH', '/api/v1/namespaces/payments/pods/p', body, 'application/strategic-merge-patch+json').then(() => 'taken', (error: unknown) => String(error));
    expect(await change({ metadata: { labels: { changed: 'yes' } } })).toBe('taken');
    expect(await change({ spec: { containers: [{ name: 'c', image: 'quay.io/other:latest' }] } })).toContain('denied request');
  });
});
