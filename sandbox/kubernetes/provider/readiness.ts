import { isRecord, listAt, recordAt, stringAt, valueAt, type KubeObject } from '../json.js';

/** Why an object is not ready yet, or undefined when it is. Kinds that are not listed are ready as soon as they exist. */
export function notReadyBecause(object: KubeObject): string | undefined {
  return waits[`${object.apiVersion.split('/').slice(0, -1).join('/')}/${object.kind}`]?.(object);
}

const number = (object: KubeObject, ...path: string[]): number => Number(valueAt(object, ...path) ?? 0);

function observed(object: KubeObject): string | undefined {
  return number(object, 'status', 'observedGeneration') >= (object.metadata.generation ?? 1) ? undefined : 'its controller has not seen the change yet';
}

function replicas(object: KubeObject): string | undefined {
  const wanted = Number(valueAt(object, 'spec', 'replicas') ?? 1);
  const ready = Math.min(number(object, 'status', 'readyReplicas'), number(object, 'status', 'updatedReplicas'));
  return observed(object) ?? (ready >= wanted ? undefined : `${ready} of ${wanted} replicas are ready`);
}

function condition(object: KubeObject, type: string): string | undefined {
  const found = listAt(object, 'status', 'conditions').filter(isRecord).find((item) => item['type'] === type);
  return found?.['status'] === 'True' ? undefined : `its condition ${type} is not True${typeof found?.['message'] === 'string' ? `: ${found['message']}` : ''}`;
}

const waits: Readonly<Record<string, (object: KubeObject) => string | undefined>> = {
  '/Namespace': (object) => (stringAt(object, 'status', 'phase') === 'Active' ? undefined : `its phase is ${stringAt(object, 'status', 'phase') ?? 'unknown'}`),
  'apps/Deployment': replicas,
  'apps/StatefulSet': replicas,
  'apps/DaemonSet': (object) => {
    const wanted = number(object, 'status', 'desiredNumberScheduled');
    const ready = Math.min(number(object, 'status', 'numberReady'), number(object, 'status', 'updatedNumberScheduled'));
    return observed(object) ?? (ready >= wanted ? undefined : `${ready} of ${wanted} pods are ready`);
  },
  'batch/Job': (object) => condition(object, 'Complete'),
  'apiextensions.k8s.io/CustomResourceDefinition': (object) => condition(object, 'Established'),
  'apiregistration.k8s.io/APIService': (object) => (Object.keys(recordAt(object, 'spec', 'service')).length === 0 ? undefined : condition(object, 'Available')),
};
