import { expect } from 'vitest';
import type { RealCluster } from './real-cluster.js';

const [timer, task] = ['clusterwright-etcd-snapshot.timer', 'clusterwright-task@etcd-snapshot.service'];
const folder = `/run/systemd/system/${timer}.d`;

/**
 * Has a control plane's timer bring a snapshot of etcd to the object store, and gives its key. Every control plane's timer is due within the hour and its random delay, and one of them is set nearer for the moment:
 * the rest of the way is its own.
 */
export async function scheduledSnapshot(cluster: RealCluster): Promise<string> {
  for (const host of cluster.controlPlanes) {
    const due = Number(await cluster.inside(host, 'bash', '-c', `systemctl is-enabled --quiet ${timer} && date --date "$(systemctl show --property NextElapseUSecRealtime --value ${timer})" +%s`));
    expect(due - Date.now() / 1000).toBeGreaterThan(0);
    expect(due - Date.now() / 1000).toBeLessThanOrEqual(70 * 60);
  }
  const first = cluster.controlPlane;
  const keys = async (): Promise<string[]> => (await cluster.inside(first, '/opt/clusterwright/orders/etcd-restore.sh', 'list')).trim().split('\n').filter((key) => key !== '');
  const known = await keys();
  // As if the last one were an hour ago: the hour may have begun while the cluster ran.
  await cluster.inside(first, 'bash', '-c', '. /opt/clusterwright/lib/task.sh; claim_read etcd-snapshot; if [ -n "$claim" ]; then claim_write etcd-snapshot free 0; fi');
  const soon = `[Timer]\\nOnCalendar=\\nOnActiveSec=1s\\nRandomizedDelaySec=0\\nAccuracySec=100ms\\n`;
  await cluster.inside(first, 'bash', '-c', `mkdir -p ${folder} && printf '${soon}' > ${folder}/soon.conf && systemctl daemon-reload && systemctl restart ${timer}`);
  const told = async (unit: string, property: string): Promise<string> => (await cluster.inside(first, 'systemctl', 'show', '--property', property, '--value', unit)).trim();
  try {
    await expect.poll(async () => (await keys()).filter((key) => !known.includes(key)), { timeout: 60_000, interval: 500 }).toHaveLength(1);
    expect(await told(timer, 'LastTriggerUSec')).not.toBe('');
    await expect.poll(() => told(task, 'ActiveState'), { timeout: 30_000 }).toBe('inactive');
    expect(await told(task, 'Result')).toBe('success');
  } finally {
    await cluster.inside(first, 'bash', '-c', `rm -r ${folder} && systemctl daemon-reload && systemctl restart ${timer}`);
  }
  const [key] = (await keys()).filter((one) => !known.includes(one));
  if (key === undefined) throw new Error('the snapshot is gone again');
  return key;
}
