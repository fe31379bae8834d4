import { describe, expect, it } from 'vitest';
import { addonNamespaces } from '../../../model/platform.js';
import { benchmarkNamespace, benchmarkPod, textfileFolder } from '../../../programs/platform/benchmark.js';
import { specOf } from './clusters.js';

const roles = ['control-plane', 'worker'] as const;
const spec = specOf('production');

/** What a pod has of the host: path, and whether it may write there. */
function hostOf(pod: ReturnType<typeof benchmarkPod>): { path: string; readOnly: boolean }[] {
  const mounts = new Map(pod.containers.flatMap(({ volumeMounts }) => volumeMounts).map((mount) => [mount.name, mount]));
  return pod.volumes.flatMap((volume) => {
    const mount = mounts.get(volume.name);
    return 'hostPath' in volume ? [{ path: volume.hostPath.path, readOnly: mount !== undefined && 'readOnly' in mount && mount.readOnly }] : [];
  });
}

describe('pods of the benchmark', () => {
  it.each(roles)('may write on a %s nothing but its metrics', (role) => {
    expect(hostOf(benchmarkPod(role, spec)).filter(({ readOnly }) => !readOnly)).toEqual([{ path: textfileFolder, readOnly: false }]);
  });

  it.each(roles)('see on a %s the kubelet\'s configuration and not the secrets of pods beside it', (role) => {
    const paths = hostOf(benchmarkPod(role, spec)).map(({ path }) => path);
    expect(paths).toContain('/var/lib/kubelet/config.yaml');
    for (const secret of ['/var/lib/kubelet/pods', '/run', '/proc', '/root']) expect(paths.filter((path) => `${secret}/`.startsWith(`${path.replace(/\/$/, '')}/`)), secret).toEqual([]);
  });

  it.each(roles)('have on a %s no token, no capability and a pinned image, and a namespace that lets them in', (role) => {
    const pod = benchmarkPod(role, spec);
    expect(pod.automountServiceAccountToken).toBe(false);
    for (const { image, securityContext, resources } of pod.containers) {
      expect(image).toMatch(/^docker\.io\/aquasec\/kube-bench:v\d+\.\d+\.\d+$/);
      expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
      expect(resources).toMatchObject({ requests: { cpu: expect.any(String) as string, memory: expect.any(String) as string }, limits: { memory: expect.any(String) as string } });
    }
    expect(addonNamespaces[benchmarkNamespace]).toBe('privileged');
  });

  it('share the nodes among them: control planes have the parts of control planes, all others the node\'s', () => {
    const wanted = (role: (typeof roles)[number]) => {
      const { affinity, containers: [container] } = benchmarkPod(role, spec);
      return { ...affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]?.matchExpressions[0], targets: container?.env.find(({ name }) => name === 'TARGETS') };
    };
    expect(wanted('control-plane')).toMatchObject({ operator: 'Exists', targets: { value: 'master,etcd,controlplane,node' } });
    expect(wanted('worker')).toMatchObject({ operator: 'DoesNotExist', targets: { value: 'node' } });
  });

  it('leave nothing on the host where nobody reads metrics', () => {
    const pod = benchmarkPod('worker', specOf('production', { platform: { monitoring: 'none' } }));
    expect(hostOf(pod).filter(({ readOnly }) => !readOnly)).toEqual([]);
    expect(pod.containers[0]?.env.map(({ name }) => name)).not.toContain('METRICS_FILE');
  });
});
