import { expect, it } from 'vitest';
import type { Ground } from './ground.js';
import { pod } from './pod.js';
import { entra } from './real-cluster.js';

/** What a cluster keeps to itself, and whom it lets in. */
export function hardening({ cluster }: Ground): void {
  it('keeps secrets unreadable in etcd, writes down who asked, and has kubelets with certificates of the cluster', async () => {
    await cluster.kubectl(['create', 'secret', 'generic', 'planted', '--from-literal', 'word=a-planted-secret']);
    const stored = await cluster.etcdctl(cluster.controlPlane, 'get', '/registry/secrets/default/planted');
    expect(stored).toContain('k8s:enc:');
    expect(stored).not.toContain('a-planted-secret');
    const logs = await Promise.all(cluster.controlPlanes.map((host) => cluster.inside(host, 'bash', '-c', 'cat /var/log/kubernetes/audit/audit.log')));
    expect(logs.some((log) => log.includes('"name":"planted"') && log.includes('"verb":"create"'))).toBe(true);
    expect(logs.every((log) => !log.includes('a-planted-secret'))).toBe(true);
    for (const host of [...cluster.controlPlanes, ...cluster.workers]) expect(await cluster.inside(host, 'openssl', 'verify', '-CAfile', '/etc/kubernetes/pki/ca.crt', '/var/lib/kubelet/pki/kubelet-server-current.pem')).toContain('OK');
  });

  it('refuses a privileged pod where the namespace is restricted', async () => {
    const privileged = pod('privileged', 'true', { container: { securityContext: { privileged: true } } });
    await expect(cluster.kubectl(['--namespace', 'payments', 'apply', '--filename', '-'], JSON.stringify(privileged))).rejects.toThrow(/violates PodSecurity "restricted/);
  });

  it('lets people in by the groups in their tokens, and nobody else', async () => {
    const may = (token: string, ...args: string[]): Promise<string> => cluster.kubectlWith(token, ['auth', 'can-i', ...args]).then((told) => told.trim(), (error: unknown) => (/Unauthorized|must be logged in/.test(String(error)) ? '401' : 'no'));
    const person = (user: string, about: object = {}): Promise<string> => cluster.entraToken({ tenant: entra.tenantId, audience: entra.clientId, user: `${user}@sandbox.example`, ...about });
    expect(await may(await person('admin'), 'delete', 'nodes')).toBe('yes');
    expect(await may(await person('operator'), 'delete', 'pods', '--namespace', 'payments')).toBe('yes');
    expect(await may(await person('operator'), 'get', 'secrets', '--namespace', 'payments')).toBe('no');
    expect(await may(await person('developer'), 'create', 'deployments', '--namespace', 'payments')).toBe('yes');
    expect(await may(await person('developer'), 'create', 'deployments', '--namespace', 'default')).toBe('no');
    expect(await may(await person('viewer'), 'get', 'pods', '--namespace', 'payments')).toBe('yes');
    expect(await may(await person('viewer'), 'create', 'pods', '--namespace', 'payments')).toBe('no');
    expect(await may(await person('nobody'), 'get', 'pods', '--namespace', 'payments')).toBe('no');
    expect(await may(await person('many-groups'), 'get', 'pods')).toBe('401');
    expect(await may(await person('admin', { audience: '99999999-9999-4999-8999-999999999999' }), 'get', 'pods')).toBe('401');
    expect(await may(await person('admin', { tenant: '99999999-1111-4111-8111-111111111111' }), 'get', 'pods')).toBe('401');
  });
}
