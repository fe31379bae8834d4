/** The phases of operations, with the title that plan and progress show. */
export const phases = {
  preflight: 'Check the ground',
  plan: 'Work out the plan',
  refresh: 'Read what exists',
  infrastructure: 'Provision the infrastructure',
  'control-plane': 'Wait for the control plane',
  nodes: 'Wait for the nodes to join',
  platform: 'Install the platform',
  verify: 'Verify the cluster',
  drain: 'Drain what Kubernetes made in the cloud',
  'drop-platform': 'Let go of the platform',
  'destroy-infrastructure': 'Destroy the infrastructure',
  scan: 'Scan for leftovers',
  backup: 'Save the cluster',
  readiness: 'See whether the cluster can be upgraded',
  'control-plane-rollout': 'Upgrade the control planes',
  'pool-rollout': 'Upgrade the machines of the pools',
  compare: 'Compare what is with what should be',
  drill: 'Try a restore',
  rotate: 'Make keys and certificates anew',
  restore: 'Take etcd back',
  'restore-objects': 'Bring objects back',
  'compare-objects': 'Compare what came back with the backup',
  'put-to-sleep': 'Switch the machines off',
  'wake-up': 'Switch the machines on',
} as const;
export type PhaseName = keyof typeof phases;
export const phaseNames = Object.keys(phases) as [PhaseName, ...PhaseName[]];

/** Share of a job's time that each phase takes, for the percentage; measured on real clouds, only the proportions matter. */
export const phaseWeights: Readonly<Record<PhaseName, number>> = {
  preflight: 2, plan: 10, refresh: 10, infrastructure: 45, 'control-plane': 15, nodes: 8, platform: 25, verify: 5,
  drain: 15, 'drop-platform': 5, 'destroy-infrastructure': 80, scan: 5, backup: 10, restore: 20, 'restore-objects': 40, 'compare-objects': 5, readiness: 2, 'control-plane-rollout': 60, 'pool-rollout': 60, compare: 15, drill: 20, rotate: 60, 'put-to-sleep': 30, 'wake-up': 30,
};
