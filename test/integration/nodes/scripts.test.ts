import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { providers, type Provider } from '../../../model/spec.js';
import { nodeFiles } from '../../../programs/nodes/render.js';
import { nodeTemplates } from '../../../programs/nodes/templates.js';
import { factsOf, layOut, nodeRoles, runProgram } from '../../support/nodes.js';

let root: string;
const at = (file: string): string => path.join(root, file);
const text = (file: string): string => readFileSync(at(file), 'utf8');
function write(file: string, content: string, mode = 0o644): void {
  mkdirSync(path.dirname(at(file)), { recursive: true });
  writeFileSync(at(file), content);
  chmodSync(at(file), mode);
}
async function node(provider: Provider): Promise<void> {
  layOut(nodeFiles(nodeTemplates(), await factsOf({ template: 'production', provider, minor: '1.35', role: 'control-plane' })), root);
}
/** Runs one of the node's scripts on its files instead of the machine's. */
const script = (name: string, ...args: string[]) => runProgram(at(`opt/clusterwright/${name}`), args, { env: { ...process.env, CLUSTERWRIGHT_ROOT: root } });

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'node-scripts-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('endpoint-hosts.sh', () => {
  const hosts = '127.0.0.1 localhost\n10.0.0.9 api.other.example.com\n';
  const entry = '127.0.0.1 api.payments-prod.clusterwright.internal # clusterwright: endpoint\n';

  it.each([
    ['points the name at the machine before the first control plane is made', ['init'], hosts + entry],
    ['points it at the machine once it has joined', ['joining', 'joined'], hosts + entry],
    ['takes it back while the machine joins', ['init', 'joining'], hosts],
    ['writes it once, however often it runs', ['init', 'init', 'joined', 'joined'], hosts + entry],
  ])('%s', async (_what, calls, expected) => {
    await node('azure');
    write('etc/hosts', hosts);
    for (const call of calls) expect(await script('endpoint-hosts.sh', call)).toEqual({ code: 0, output: '' });
    expect(text('etc/hosts')).toBe(expected);
  });

  it('is no business of AWS, where the load balancer sends under its own address, nor of workers', async () => {
    const has = async (provider: Provider, role: 'control-plane' | 'worker') => nodeFiles(nodeTemplates(), await factsOf({ template: 'production', provider, minor: '1.35', role })).some(({ path: place }) => place.endsWith('/endpoint-hosts.sh'));
    expect([await has('aws', 'control-plane'), await has('azure', 'control-plane'), await has('azure', 'worker')]).toEqual([false, true, false]);
  });

  it('fails on a word that it does not know', async () => {
    await node('azure');
    write('etc/hosts', hosts);
    expect(await script('endpoint-hosts.sh', 'before')).toEqual({ code: 1, output: 'usage: endpoint-hosts.sh init|joining|joined\n' });
  });
});

describe('file-modes.sh', () => {
  const modes = {
    'etc/kubernetes/manifests/etcd.yaml': 0o600, 'etc/kubernetes/admin.conf': 0o600, 'etc/kubernetes/clusterwright/encryption.yaml': 0o600, 'etc/kubernetes/pki/ca.key': 0o600, 'etc/kubernetes/pki/etcd/ca.key': 0o600,
    'etc/kubernetes/pki/ca.crt': 0o644, 'etc/kubernetes/pki/sa.pub': 0o644, 'etc/cni/net.d/05-cilium.conflist': 0o600, 'var/lib/kubelet/config.yaml': 0o600, 'usr/lib/systemd/system/kubelet.service': 0o600,
  };

  it('sets what is there and asks for nothing that is not', async () => {
    await node('aws');
    for (const file of Object.keys(modes)) write(file, '', 0o666);
    mkdirSync(at('var/lib/etcd'), { recursive: true, mode: 0o755 });

    for (let round = 0; round < 2; round += 1) expect(await script('file-modes.sh')).toEqual({ code: 0, output: '' });

    expect(Object.fromEntries(Object.keys(modes).map((file) => [file, statSync(at(file)).mode & 0o777]))).toEqual(modes);
    expect(statSync(at('var/lib/etcd')).mode & 0o777).toBe(0o700);
  });
});

describe('host.sh', () => {
  it('leaves to the image what the image has done', async () => {
    await node('aws');
    const all = ['install_packages', 'load_modules', 'apply_sysctls', 'cap_journal', 'turn_swap_off', 'turn_ufw_off', 'keep_time', 'watch_host', 'upgrade_unattended', 'guard_ssh'];
    write('etc/clusterwright/image.d/10-all.sh', `image_did+=(${all.slice(0, 5).join(' ')})\n`);
    write('etc/clusterwright/image.d/20-rest.sh', `image_did+=(${all.slice(5).join(' ')})\n`);

    expect(await script('host.sh')).toEqual({ code: 0, output: all.map((step) => `${step}: done by the image\n`).join('') });
  });
});

describe('etcd-disk.sh', () => {
  let disk: string;
  const mib = 1024 * 1024;
  beforeEach(async () => {
    await node('aws');
    write('etc/fstab', '# none\n');
    writeFileSync(at('disk.img'), Buffer.alloc(64 * mib));
    const { code, output } = await runProgram('losetup', ['--find', '--show', at('disk.img')]);
    if (code !== 0) throw new Error(`loop devices need root on Linux: ${output}`);
    disk = output.trim();
    write('etc/clusterwright/image.d/disk.sh', `image_etcd_disk=${disk}\n`);
  });
  afterEach(async () => {
    await runProgram('losetup', ['--detach', disk]);
  });

  /** Runs it and then a command, in a mount namespace that ends with them: each call is a boot of its own. */
  const boot = (after: string) => runProgram('unshare', ['--mount', '--propagation', 'private', 'bash', '-c', `"$0/opt/clusterwright/etcd-disk.sh" && ${after}`, root], { env: { ...process.env, CLUSTERWRIGHT_ROOT: root } });

  it('formats an empty disk once and finds what was written at every later boot', async () => {
    const first = await boot('ls -A "$0/var/lib/etcd" && echo kept > "$0/var/lib/etcd/member" && stat --format %a "$0/var/lib/etcd"');
    expect(first).toEqual({ code: 0, output: expect.stringMatching(/^700\nformatting \/dev\/loop\d+\n$/) });

    const second = await boot('cat "$0/var/lib/etcd/member" && "$0/opt/clusterwright/etcd-disk.sh" && findmnt --noheadings --output FSTYPE "$0/var/lib/etcd"');
    expect(second).toEqual({ code: 0, output: 'kept\next4\n' });
    expect(text('etc/fstab')).toMatch(/^# none\nUUID=[0-9a-f-]{36} \/var\/lib\/etcd ext4 noatime,nofail 0 2\n$/);
  });

  it.each([
    ['another file system', (device: string) => runProgram('mkfs.ext4', ['-q', '-L', 'data', device])],
    ['partitions', (device: string) => runProgram('sh', ['-c', `echo ',,L' | sfdisk --quiet ${device}`])],
    ['swap', (device: string) => runProgram('mkswap', [device])],
  ])('never touches a disk with %s', async (_what, fill) => {
    await fill(disk);
    const before = readFileSync(at('disk.img'));

    const { code, output } = await boot('true');

    expect(code).not.toBe(0);
    expect(output).toContain(`${disk} is not etcd's and not empty`);
    expect(readFileSync(at('disk.img')).equals(before)).toBe(true);
    expect(text('etc/fstab')).toBe('# none\n');
  });

  it('leaves etcd on the root disk where the image says that there is no other', async () => {
    write('etc/clusterwright/image.d/disk.sh', 'image_etcd_disk=none\n');
    expect(await boot('true')).toEqual({ code: 0, output: '' });
    expect(statSync(at('var/lib/etcd')).mode & 0o777).toBe(0o700);
  });
});

describe('upgrade.sh', () => {
  /** Programs of the machine: those of Kubernetes are of the release that apt has installed last, 1.35.4 before. */
  function machine(): void {
    const release = `$(cat "$CLUSTERWRIGHT_ROOT/installed/$NAME" 2> /dev/null || echo 1.35.4)`;
    const log = 'NAME=${0##*/}; echo "$NAME $*" >> "$CLUSTERWRIGHT_ROOT/calls"';
    const programs = {
      kubeadm: `case "$*" in version*) echo "v${release}" ;; 'config images list '*) printf 'registry.k8s.io/etcd:3.6.8-0\\nregistry.k8s.io/pause:3.10.2\\n' ;; esac`,
      kubelet: `echo "Kubernetes v${release}"`, kubectl: `echo "Client Version: v${release}"`, crictl: '',
      'apt-get': 'mkdir -p "$CLUSTERWRIGHT_ROOT/installed"; for word; do case $word in kube*=*) version=${word#*=} && echo "${version%-*}" > "$CLUSTERWRIGHT_ROOT/installed/${word%%=*}" ;; esac; done',
      'apt-mark': '', curl: 'echo key', gpg: 'cat > "${!#}"', systemctl: '', ctr: '', containerd: 'echo "containerd github.com/containerd/containerd v2.1.4"', journalctl: '', chown: '',
    };
    for (const [name, does] of Object.entries(programs)) write(`bin/${name}`, `#!/bin/bash\n${log}\n${does}\n`, 0o755);
    mkdirSync(at('etc/apt/sources.list.d'), { recursive: true });
  }
  const upgrade = (...args: string[]) => runProgram(at('opt/clusterwright/upgrade.sh'), args, { env: { ...process.env, CLUSTERWRIGHT_ROOT: root, PATH: `${at('bin')}:${process.env['PATH'] ?? ''}` } });
  const calls = (): string[] => text('calls').trimEnd().split('\n');
  const kinds = providers.flatMap((provider) => nodeRoles.map((role) => [provider, role] as const));

  it.each(kinds)('on %s gives a %s the files that a new machine of the minor has, and kubeadm before the kubelet, however often it runs', async (provider, role) => {
    const filesOf = async (minor: '1.35' | '1.36') => nodeFiles(nodeTemplates(), await factsOf({ template: 'production', provider, minor, role }));
    layOut(await filesOf('1.35'), root);
    machine();
    write('etc/apt/keyrings/kubernetes.gpg', 'the key of another minor');
    write('etc/kubernetes/tmp/kubeadm-backup-etcd/member', 'data');
    for (let round = 0; round < 2; round += 1) expect(await upgrade('kubeadm', '1.36', '1.36.3')).toMatchObject({ code: 0 });

    for (const { path: file, mode, content } of await filesOf('1.36')) expect([file, text(file), (statSync(at(file)).mode & 0o777).toString(8).padStart(4, '0')]).toEqual([file, content, mode]);
    expect(text('etc/apt/sources.list.d/kubernetes.list')).toContain('https://pkgs.k8s.io/core:/stable:/v1.36/deb/');
    expect(text('etc/apt/keyrings/kubernetes.gpg')).toBe('key\n');
    const installs = () => calls().flatMap((call) => /^apt-get .* install (.*)$/.exec(call)?.[1] ?? []);
    expect(installs()).toEqual(['kubeadm=1.36.3-*']);
    expect(calls()).not.toContain('systemctl restart kubelet');

    for (let round = 0; round < 2; round += 1) expect(await upgrade('kubelet')).toMatchObject({ code: 0 });
    expect(installs()).toEqual(['kubeadm=1.36.3-*', 'kubelet=1.36.3-* kubeadm=1.36.3-* kubectl=1.36.3-* cri-tools kubernetes-cni']);
    expect(calls().at(-1)).toBe('systemctl restart kubelet');
    expect(() => text('etc/kubernetes/tmp/kubeadm-backup-etcd/member')).toThrow('ENOENT');
  });

  it('brings the baseline along where it changes what is compared with it, and nothing else that is other there', async () => {
    await node('aws');
    machine();
    const place = 'etc/kubernetes/clusterwright/admission.yaml';
    const baseline = `var/lib/clusterwright/baseline/${place}`;
    write(baseline, text(place));
    write(place, `${text(place)}# by somebody\n`);
    expect(await upgrade('kubeadm', '1.36', '1.36.3')).toMatchObject({ code: 0 });
    expect(text(baseline)).toContain('enforce-version: v1.36\n');
    expect(text(place)).toBe(`${text(baseline)}# by somebody\n`);
  });

  it('fails where kubeadm did not come', async () => {
    await node('aws');
    machine();
    write('bin/apt-get', '#!/bin/bash\necho "E: Unable to locate package kubeadm" >&2; exit 100\n', 0o755);
    expect(await upgrade('kubeadm', '1.36', '1.36.3')).toMatchObject({ code: 100, output: expect.stringContaining('Unable to locate') as string });
  });
});
