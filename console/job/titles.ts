import type { Phase } from '../shapes.js';

/** Titles of phases, as their events have them: a phase that has not begun has none. */
export const titles: Readonly<Record<Phase['name'], string>> = {
  preflight: 'Check the ground', plan: 'Work out the plan', refresh: 'Read what exists', infrastructure: 'Provision the infrastructure', 'control-plane': 'Wait for the control plane',
  nodes: 'Wait for the nodes to join', platform: 'Install the platform', verify: 'Verify the cluster', drain: 'Drain what Kubernetes made in the cloud', 'drop-platform': 'Let go of the platform',
  'destroy-infrastructure': 'Destroy the infrastructure', scan: 'Scan for leftovers', backup: 'Save the cluster', restore: 'Take etcd back', compare: 'Compare what is with what should be', drill: 'Try a restore',
  readiness: 'See whether the cluster can be upgraded', 'control-plane-rollout': 'Upgrade the control planes', 'pool-rollout': 'Upgrade the machines of the pools', rotate: 'Make keys and certificates anew',
  'restore-objects': 'Bring objects back', 'compare-objects': 'Compare what came back with the backup', 'put-to-sleep': 'Switch the machines off', 'wake-up': 'Switch the machines on',
};
