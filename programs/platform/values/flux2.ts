import { requiredIdentityParts } from '../workload-identity.js';
import { highlyAvailable, monitored, type ValuesInput } from './context.js';

/** Controllers that can have a second replica, which takes over when the first is gone. */
const controllers = ['kustomize-controller', 'helm-controller'] as const;

/** Flux: replicas, the disruption budgets that the chart has not, the identity that may decrypt with the owner's key where the spec names one, and metrics. */
export function flux2(input: ValuesInput): Record<string, unknown> {
  const { spec } = input;
  const available = highlyAvailable(spec);
  const replicas = available ? 2 : 1;
  return {
    kustomizeController: { replicas, ...(spec.gitops?.sops ? decrypter(input) : {}) },
    helmController: { replicas },
    prometheus: { podMonitor: { create: monitored(spec) } },
    extraObjects: available ? controllers.map(disruptionBudget) : [],
  };
}

/** Every Kustomization that asks for decryption has it by the controller's own identity: there is no key in the cluster. */
function decrypter(input: ValuesInput): Record<string, unknown> {
  const { env, volumes, mounts } = requiredIdentityParts('kustomize-controller', input);
  return { extraEnv: env, volumes, volumeMounts: mounts };
}

function disruptionBudget(app: (typeof controllers)[number]) {
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: app }, spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: { app } } } };
}
