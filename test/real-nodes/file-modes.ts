import { expect, it } from 'vitest';
import { complianceRows } from '../support/compliance.js';
import type { Ground } from './ground.js';
import type { RealHost } from './real-cluster.js';

const kubernetes = '/etc/kubernetes';
const units = '/usr/lib/systemd/system/kubelet.service /usr/lib/systemd/system/kubelet.service.d/*.conf /etc/systemd/system/kubelet.service.d/*.conf';

/** What each control of the benchmark's parts about files looks at: patterns of paths. */
const files: Readonly<Record<string, string>> = {
  '1.1.1': `${kubernetes}/manifests/kube-apiserver.yaml`, '1.1.2': `${kubernetes}/manifests/kube-apiserver.yaml`,
  '1.1.3': `${kubernetes}/manifests/kube-controller-manager.yaml`, '1.1.4': `${kubernetes}/manifests/kube-controller-manager.yaml`,
  '1.1.5': `${kubernetes}/manifests/kube-scheduler.yaml`, '1.1.6': `${kubernetes}/manifests/kube-scheduler.yaml`,
  '1.1.7': `${kubernetes}/manifests/etcd.yaml`, '1.1.8': `${kubernetes}/manifests/etcd.yaml`,
  '1.1.9': '/etc/cni/net.d/*', '1.1.10': '/etc/cni/net.d/*',
  '1.1.11': '/var/lib/etcd',
  '1.1.13': `${kubernetes}/*admin.conf`, '1.1.14': `${kubernetes}/*admin.conf`,
  '1.1.15': `${kubernetes}/scheduler.conf`, '1.1.16': `${kubernetes}/scheduler.conf`,
  '1.1.17': `${kubernetes}/controller-manager.conf`, '1.1.18': `${kubernetes}/controller-manager.conf`,
  '1.1.19': `${kubernetes}/pki ${kubernetes}/pki/* ${kubernetes}/pki/etcd/*`,
  '1.1.20': `${kubernetes}/pki/*.crt ${kubernetes}/pki/etcd/*.crt`, '1.1.21': `${kubernetes}/pki/*.key ${kubernetes}/pki/etcd/*.key`,
  '4.1.1': units, '4.1.2': units,
  '4.1.5': `${kubernetes}/kubelet.conf`, '4.1.6': `${kubernetes}/kubelet.conf`,
  '4.1.7': `${kubernetes}/pki/ca.crt`, '4.1.8': `${kubernetes}/pki/ca.crt`,
  '4.1.9': '/var/lib/kubelet/config.yaml', '4.1.10': '/var/lib/kubelet/config.yaml',
};

/** Modes and owners on running machines, as docs/compliance.md promises them. */
export function fileModes({ cluster }: Ground): void {
  it('has the file modes and owners of docs/compliance.md on control planes and workers', async () => {
    const rows = complianceRows().flatMap(({ control = '', asksFor, where }) => (/^[14]\.1\./.test(control) && where !== '–' ? [{ control, asksFor }] : []));
    expect(rows.map(({ control }) => control)).toEqual(Object.keys(files));
    // Nothing there is as wrong as a wrong mode.
    const look = rows.map(({ control }) => `found=; for file in ${files[control] ?? ''}; do if [ -e "$file" ] && [ ! -L "$file" ]; then found=1; stat --format '${control} %a %U:%G %n' "$file"; fi; done; if [ -z "$found" ]; then echo '${control} - - nothing'; fi`).join('\n');
    const wrong = async (host: RealHost, part: RegExp): Promise<string[]> => {
      const lines = (await cluster.inside(host, 'bash', '-c', look)).trim().split('\n').filter((line) => part.test(line));
      return lines.filter((line) => {
        const [control = '', mode = '', owner = ''] = line.split(' ');
        const asksFor = rows.find((row) => row.control === control)?.asksFor ?? '';
        const [most] = /\b0[0-7]{3}\b/.exec(asksFor) ?? [];
        if (most === undefined) return !asksFor.endsWith('owned by root') || owner !== 'root:root';
        return !/^[0-7]+$/.test(mode) || (parseInt(mode, 8) & ~parseInt(most, 8)) !== 0;
      }).map((line) => `${host.name}: ${line}`);
    };

    expect(await Promise.all(cluster.controlPlanes.map((host) => wrong(host, /^[14]/)))).toEqual(cluster.controlPlanes.map(() => []));
    expect(await Promise.all(cluster.workers.map((host) => wrong(host, /^4/)))).toEqual(cluster.workers.map(() => []));
  });
}
