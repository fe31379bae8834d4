import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { pipelineSubject } from '../../../../model/names.js';
import { pipelinesDocument, pipelinesPlace } from '../../../../programs/platform/pipelines.js';
import { issuerLines } from '../../../support/authentication.js';
import { expectGolden } from '../../../support/golden.js';
import { specOf } from '../../platform/clusters.js';

const github = 'https://token.actions.githubusercontent.com';
const spec = specOf('production', { access: { pipelines: [
  { name: 'shop', issuer: github, audience: 'clusterwright:payments-prod', claims: [{ claim: 'repository', value: 'acme/shop' }, { claim: 'ref', value: 'refs/heads/release-*' }], namespace: 'payments', role: 'developer' },
  { name: 'invoices', issuer: 'https://gitlab.example.com', audience: 'clusterwright:payments-prod', claims: [{ claim: 'project_path', value: 'acme/invoices' }], namespace: 'ledger', role: 'viewer' },
  { name: 'quoted', issuer: github, audience: 'another', claims: [{ claim: 'sub', value: 'a" == "a" || "\\' }], namespace: 'ledger', role: 'viewer' },
] } });

interface Entry { issuer: { url: string; audiences: string[] }; claimMappings: { username: { expression: string }; groups: { expression: string } } }

describe('what a control plane writes of pipelines', () => {
  const lines = issuerLines(pipelinesDocument(spec));

  it('is what the golden file shows', () => {
    expectGolden('pipelines/authentication.yaml', `jwt:\n${lines.join('\n')}\n`);
  });

  it('is one entry for each issuer, with the audiences of all its pipelines', () => {
    const { jwt } = parse(`jwt:\n${lines.join('\n')}\n`) as { jwt: Entry[] };
    expect(jwt.map(({ issuer }) => [issuer.url, issuer.audiences])).toEqual([['https://gitlab.example.com', ['clusterwright:payments-prod']], [github, ['another', 'clusterwright:payments-prod']]]);
    for (const { claimMappings } of jwt) {
      expect(Object.keys(claimMappings)).toEqual(['username', 'groups', 'extra']);
      expect(claimMappings.username.expression).toBe(`${claimMappings.groups.expression}.join(" and ")`);
    }
    for (const { name } of spec.access.pipelines) expect(lines.filter((line) => line.includes(`\\"${pipelineSubject(name)}\\"`))).toHaveLength(1);
  });

  it('is nothing where there are none', () => {
    expect(issuerLines('[]')).toEqual([]);
  });

  it('is read from where the platform puts it', () => {
    const script = readFileSync(new URL('../../../../templates/nodes/control-plane-later/opt/clusterwright/tasks/pipelines.sh', import.meta.url), 'utf8');
    const { namespace, name, key } = pipelinesPlace;
    expect(script).toContain(`get configmap ${name} --namespace ${namespace} --ignore-not-found --output 'jsonpath={.data.${key.replace('.', '\\.')}}'`);
  });
});
