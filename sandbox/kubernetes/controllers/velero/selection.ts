import { labelSelection, type Selection as LabelSelection } from '../../api-server/selectors.js';
import { isRecord, listAt, recordAt, stringAt, stringsOf, valueAt, type KubeObject } from '../../json.js';

/** Which objects a Backup or Restore is about, by its spec. */
export interface Selection {
  /** Whether objects of a namespace are in it. */
  readonly hasNamespace: (namespace: string) => boolean;
  /** Whether objects of a resource such as `deployments.apps` are in it. */
  readonly hasResource: (resource: string) => boolean;
  /** Whether objects without a namespace are in it, apart from namespaces. */
  readonly hasClusterWide: boolean;
  /** Whether an object has the labels that are asked for. */
  readonly hasLabels: LabelSelection;
}

/** What Velero's specs can narrow with and is not imitated. */
const notImitated = [
  'orLabelSelectors', 'resourcePolicy', 'restoreStatus', 'hooks',
  'includedClusterScopedResources', 'excludedClusterScopedResources', 'includedNamespaceScopedResources', 'excludedNamespaceScopedResources',
];

/** The selection of a spec. @param never resources that are in none */
export function selectionOf(object: KubeObject, never: readonly string[] = []): Selection {
  const names = (field: string): string[] => listAt(object, 'spec', field).map(String);
  const [namespaces, resources] = [names('includedNamespaces'), names('includedResources')];
  const [noNamespaces, noResources] = [names('excludedNamespaces'), [...names('excludedResources'), ...never]];
  const clusterWide = valueAt(object, 'spec', 'includeClusterResources');
  return {
    hasNamespace: (namespace) => isIn(namespaces, [namespace]) && !noNamespaces.includes(namespace),
    // `deployments` means `deployments.apps`.
    hasResource: (resource) => isIn(resources, [resource, resource.split('.')[0] ?? '']) && !noResources.some((no) => no === resource || no === resource.split('.')[0]),
    hasClusterWide: clusterWide === true || (clusterWide !== false && isIn(namespaces, [])),
    hasLabels: labelSelection(selectorQuery(object)),
  };
}

/** The label selector of a spec as queries have it. https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api */
function selectorQuery(object: KubeObject): string {
  const equal = Object.entries(stringsOf(recordAt(object, 'spec', 'labelSelector', 'matchLabels'))).map(([key, value]) => `${key}=${value}`);
  const expressions = listAt(object, 'spec', 'labelSelector', 'matchExpressions').filter(isRecord).map((expression) => {
    const key = stringAt(expression, 'key') ?? '';
    const values = listAt(expression, 'values').map(String).join(',');
    switch (stringAt(expression, 'operator')) {
      case 'In': return `${key} in (${values})`;
      case 'NotIn': return `${key} notin (${values})`;
      case 'DoesNotExist': return `!${key}`;
      default: return key;
    }
  });
  return [...equal, ...expressions].join(',');
}

/** Why a spec cannot be followed here: what it narrows with is not imitated. */
export function refusalsOf(object: KubeObject): string[] {
  return notImitated.filter((field) => Object.keys(valueAt(object, 'spec', field) ?? {}).length > 0).map((field) => `the sandbox does not imitate spec.${field}`);
}

function isIn(included: readonly string[], names: readonly string[]): boolean {
  return included.length === 0 || included.includes('*') || names.some((name) => included.includes(name));
}
