import { isDeepStrictEqual } from 'node:util';
import { isRecord, listAt, recordAt, stringAt, valueAt, type KubeObject } from '../json.js';
import { policyFaults } from './admission.js';
import type { KindEntry } from './kinds.js';

/** One fault of an object: the field and what is wrong with it. */
export interface Fault {
  field: string;
  message: string;
}

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const label1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const qualifiedName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

const nameRules: Readonly<Record<NonNullable<KindEntry['names']>, { valid: (name: string) => boolean; words: string }>> = {
  label: { valid: (name) => name.length <= 63 && label.test(name), words: "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character" },
  label1035: { valid: (name) => name.length <= 63 && label1035.test(name), words: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character" },
  subdomain: { valid: (name) => name.length <= 253 && subdomain.test(name), words: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character" },
  path: { valid: (name) => name !== '.' && name !== '..' && !/[/%]/.test(name), words: "may not contain '/' or '%'" },
};

/** The faults of an object by itself: its name, labels and annotations, and what its kind requires. */
export function faultsOf(kind: KindEntry, object: KubeObject): Fault[] {
  const { name, labels, annotations } = object.metadata;
  const faults: Fault[] = [];
  const rule = nameRules[kind.names ?? 'subdomain'];
  if (!rule.valid(name)) faults.push({ field: 'metadata.name', message: `Invalid value: ${JSON.stringify(name)}: ${rule.words}` });
  faults.push(...labelFaults('metadata.labels', labels, true), ...labelFaults('metadata.annotations', annotations, false));
  return [...faults, ...(kindFaults[`${kind.group}/${kind.kind}`]?.(object) ?? [])];
}

function labelFaults(field: string, values: unknown, checkValues: boolean): Fault[] {
  if (values === undefined) return [];
  if (!isRecord(values)) return [{ field, message: 'Invalid value: must be a map of strings' }];
  return Object.entries(values).flatMap(([key, value]) => {
    const [prefix, name] = key.includes('/') ? [key.slice(0, key.indexOf('/')), key.slice(key.indexOf('/') + 1)] : [undefined, key];
    const faults: Fault[] = [];
    if (name.length > 63 || !qualifiedName.test(name) || (prefix !== undefined && !(prefix.length <= 253 && subdomain.test(prefix)))) {
      faults.push({ field, message: `Invalid value: ${JSON.stringify(key)}: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character` });
    }
    if (typeof value !== 'string') faults.push({ field, message: `Invalid value: the value of ${JSON.stringify(key)} must be a string` });
    else if (checkValues && (value.length > 63 || !labelValue.test(value))) {
      faults.push({ field, message: `Invalid value: ${JSON.stringify(value)}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character` });
    }
    return faults;
  });
}

const required = (field: string): Fault => ({ field, message: 'Required value' });

function workloadFaults(object: KubeObject): Fault[] {
  const selector = recordAt(object, 'spec', 'selector', 'matchLabels');
  const labels = recordAt(object, 'spec', 'template', 'metadata', 'labels');
  const faults: Fault[] = [];
  if (Object.keys(selector).length === 0 && listAt(object, 'spec', 'selector', 'matchExpressions').length === 0) faults.push(required('spec.selector'));
  if (Object.entries(selector).some(([key, value]) => labels[key] !== value)) {
    faults.push({ field: 'spec.template.metadata.labels', message: `Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\`` });
  }
  return [...faults, ...containerFaults(object, ['spec', 'template', 'spec'])];
}

function containerFaults(object: KubeObject, path: readonly string[]): Fault[] {
  const field = `${path.join('.')}.containers`;
  const containers = listAt(object, ...path, 'containers');
  if (containers.length === 0) return [required(field)];
  return containers.flatMap((container, index) => ['name', 'image'].filter((part) => stringAt(container, part) === undefined).map((part) => required(`${field}[${index}].${part}`)));
}

function bindingFaults(object: KubeObject): Fault[] {
  const faults = ['kind', 'name'].filter((part) => stringAt(object, 'roleRef', part) === undefined).map((part) => required(`roleRef.${part}`));
  const kinds = ['User', 'Group', 'ServiceAccount'];
  return [...faults, ...listAt(object, 'subjects').flatMap((subject, index) => {
    const kind = stringAt(subject, 'kind');
    if (kind === undefined || !kinds.includes(kind)) return [{ field: `subjects[${index}].kind`, message: `Unsupported value: ${JSON.stringify(kind)}: supported values: "ServiceAccount", "User", "Group"` }];
    if (stringAt(subject, 'name') === undefined) return [required(`subjects[${index}].name`)];
    return kind === 'ServiceAccount' && object.kind === 'ClusterRoleBinding' && stringAt(subject, 'namespace') === undefined ? [required(`subjects[${index}].namespace`)] : [];
  })];
}

function definitionFaults(object: KubeObject): Fault[] {
  const group = stringAt(object, 'spec', 'group');
  const plural = stringAt(object, 'spec', 'names', 'plural');
  const faults = [['spec', 'group'], ['spec', 'scope'], ['spec', 'names', 'plural'], ['spec', 'names', 'kind']].filter((path) => stringAt(object, ...path) === undefined).map((path) => required(path.join('.')));
  if (listAt(object, 'spec', 'versions').length === 0) faults.push(required('spec.versions'));
  if (faults.length === 0 && object.metadata.name !== `${plural ?? ''}.${group ?? ''}`) faults.push({ field: 'metadata.name', message: `Invalid value: ${JSON.stringify(object.metadata.name)}: must be spec.names.plural+"."+spec.group` });
  return faults;
}

const kindFaults: Readonly<Record<string, (object: KubeObject) => Fault[]>> = {
  'apps/Deployment': workloadFaults,
  'apps/DaemonSet': workloadFaults,
  'apps/StatefulSet': workloadFaults,
  'apps/ReplicaSet': workloadFaults,
  'batch/Job': (object) => containerFaults(object, ['spec', 'template', 'spec']),
  '/Pod': (object) => containerFaults(object, ['spec']),
  'rbac.authorization.k8s.io/RoleBinding': bindingFaults,
  'rbac.authorization.k8s.io/ClusterRoleBinding': bindingFaults,
  'apiextensions.k8s.io/CustomResourceDefinition': definitionFaults,
  'networking.k8s.io/NetworkPolicy': (object) => (isRecord(valueAt(object, 'spec', 'podSelector')) ? [] : [required('spec.podSelector')]),
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': policyFaults,
  'storage.k8s.io/StorageClass': (object) => (stringAt(object, 'provisioner') === undefined ? [required('provisioner')] : []),
};

/** The fields that changed although the kind says they cannot. */
export function immutableFaults(kind: KindEntry, live: KubeObject, next: KubeObject): Fault[] {
  const faults: Fault[] = [];
  for (const field of kind.immutable ?? []) {
    const [before, after] = [live, next].map((object) => stripped(valueAt(object, ...field.split('.')), field, kind.mutable ?? []));
    if (isDeepStrictEqual(before, after) || before === undefined) continue;
    const words = field === 'roleRef' ? 'cannot change roleRef' : kind.mutable === undefined ? 'field is immutable'
      : `updates to ${kind.kind.toLowerCase()} spec for fields other than ${kind.mutable.map((path) => `'${path.replace('spec.', '')}'`).join(', ')} are forbidden`;
    faults.push({ field, message: kind.mutable === undefined ? `Invalid value: ${JSON.stringify(after)}: ${words}` : `Forbidden: ${words}` });
  }
  if ((kind.kind === 'Secret' || kind.kind === 'ConfigMap') && kind.group === '' && live['immutable'] === true) {
    const held = ['data', 'binaryData', 'immutable'].filter((field) => !isDeepStrictEqual(live[field], next[field]));
    faults.push(...held.map((field) => ({ field, message: 'Forbidden: field is immutable when `immutable` is set' })));
  }
  return faults;
}

function stripped(value: unknown, field: string, mutable: readonly string[]): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !mutable.includes(`${field}.${name}`)));
}
