import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drillFindingSchema, type DrillFinding } from '../../../model/drill.js';
import { nodeFiles } from '../../../programs/nodes/render.js';
import { nodeTemplates } from '../../../programs/nodes/templates.js';
import { CertificateAuthority } from '../../../sandbox/kubernetes/pki.js';
import { ControlPlane } from '../../support/control-plane.js';
import { kubernetesProgram } from '../../support/kubernetes-programs.js';
import { factsOf, layOut } from '../../support/nodes.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'drill-'));
const standIns = fileURLToPath(new URL('stand-ins/', import.meta.url));
let plane: ControlPlane;

/** A line of bash on the control plane, with the programs that a node has: containers are the programs themselves. */
async function bash(line: string): Promise<string> {
  const programs = [kubernetesProgram('etcd', 'etcd'), kubernetesProgram('1.35', 'kube-apiserver'), kubernetesProgram('1.35', 'kubectl')].map((program) => path.dirname(program));
  const { code, output } = await plane.run('bash', '-c', `export PATH=${[standIns, ...programs].join(':')}:$PATH; orders=${folder}/opt/clusterwright/orders; ${line}`);
  if (code !== 0) throw new Error(output);
  return output;
}
const drill = async (): Promise<DrillFinding> => drillFindingSchema.parse(JSON.parse(await bash('key=$(ls /var/lib/store/etcd/*.json | tail -n 1); "$orders/restore-drill.sh" "etcd/$(basename "$key" .json)" 2> /var/lib/drill.log || { tail /var/lib/drill.log >&2; exit 1; }')));

beforeAll(async () => {
  const { certificate } = await CertificateAuthority.create('entra');
  plane = await ControlPlane.start('1.35', { tenantId: '11111111-1111-4111-8111-111111111111', clientId: '22222222-2222-4222-8222-222222222222', socket: path.join(folder, 'nobody'), authority: certificate });
  layOut(nodeFiles(nodeTemplates(), await factsOf({ template: 'hardened', provider: 'aws', minor: '1.35', role: 'control-plane' })).filter(({ path: place }) => place.startsWith('/opt/')), folder);
  copyFileSync(path.join(standIns, 'cloud.sh'), path.join(folder, 'opt/clusterwright/lib/cloud.sh'));
  await bash('mount -t tmpfs tmpfs /run; cp /etc/kubernetes/super-admin.conf /etc/kubernetes/admin.conf');
}, 240_000);
afterAll(async () => {
  await plane.close();
  rmSync(folder, { recursive: true });
});

describe('a restore drill with the very etcd and API server of a control plane', () => {
  it('finds all that there was when it was saved, and nothing that came later', async () => {
    const kubectl = 'kubectl --kubeconfig /etc/kubernetes/admin.conf --server https://127.0.0.1:6443';
    await bash(`for name in one two three; do ${kubectl} create secret generic $name --from-literal word=$name; done; "$orders/etcd-snapshot.sh"; ${kubectl} create secret generic later --from-literal word=later`);

    const found = await drill();

    expect(found).toMatchObject({ secrets: { expected: 4, found: 4, refusal: null }, canary: 'whole' });
    expect(found.objects.expected).toBeGreaterThan(100);
    expect(found.objects.found).toBe(found.objects.expected);
    expect(await bash('ls /var/lib/containers /var/lib/clusterwright')).not.toContain('drill');
  }, 180_000);

  it('tells that Secrets cannot be read with the keys that the node has', async () => {
    await plane.replaceFile('/etc/kubernetes/clusterwright/encryption.yaml', (text) => text.replace(/secret: "[^"]*"/, `secret: "${Buffer.alloc(32, 7).toString('base64')}"`));

    expect(await drill()).toMatchObject({ secrets: { expected: 4, found: null, refusal: expect.stringMatching(/decrypt|unable to transform/i) as string }, canary: 'missing' });
  }, 180_000);
});
