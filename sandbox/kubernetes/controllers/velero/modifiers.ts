import { parse } from 'yaml';
import { mergePatch } from '../../api-server/merge-patch.js';
import { isRecord, listAt, recordAt, stringAt, valueAt, type JsonRecord, type KubeObject } from '../../json.js';
import type { VeleroContext } from './location.js';

/** What a Restore changes in an object as it brings it back. */
export type Modify = (resource: string, object: KubeObject) => KubeObject;

/** What is imitated of a rule and of its conditions. */
const known = [['conditions', 'mergePatches'], ['groupResource', 'matches']] as const;

/** The rules of the ConfigMap that a Restore names, or why there are none. https://github.com/vmware-tanzu/velero/blob/v1.18.3/internal/resourcemodifiers/resource_modifiers.go */
export function modifiersOf({ api }: VeleroContext, restore: KubeObject): Modify | string {
  const wanted = recordAt(restore, 'spec', 'resourceModifier');
  if (Object.keys(wanted).length === 0) return (_, object) => object;
  const name = stringAt(wanted, 'name') ?? '';
  if (stringAt(wanted, 'kind')?.toLowerCase() !== 'configmap') return 'the sandbox imitates resource modifiers in ConfigMaps only';
  const found = api.find('v1', 'ConfigMap', name, restore.metadata.namespace);
  if (found === undefined) return `failed to get resource modifiers configmap ${restore.metadata.namespace ?? ''}/${name}`;
  const texts = Object.values(recordAt(found, 'data'));
  const rules = texts.length === 1 ? listAt(parse(String(texts[0])), 'resourceModifierRules').filter(isRecord) : [];
  if (texts.length !== 1) return `error in parsing resource modifiers provided in configmap ${name}: illegal resource modifiers`;
  const unknown = rules.flatMap((rule) => [rule, recordAt(rule, 'conditions')].flatMap((part, index) => Object.keys(part).filter((field) => !known[index]?.some((one) => one === field))));
  if (unknown.length > 0) return `the sandbox does not imitate resource modifiers with ${unknown.join(', ')}`;
  return (resource, object) => rules.filter((rule) => isAbout(rule, resource, object)).reduce<KubeObject>(patched, object);
}

function isAbout(rule: JsonRecord, resource: string, object: KubeObject): boolean {
  const conditions = recordAt(rule, 'conditions');
  const isMatched = (match: unknown): boolean => String(valueAt(object, ...(stringAt(match, 'path') ?? '').split('/').slice(1))) === String(valueAt(match, 'value'));
  return stringAt(conditions, 'groupResource') === resource && listAt(conditions, 'matches').every(isMatched);
}

function patched(object: KubeObject, rule: JsonRecord): KubeObject {
  return listAt(rule, 'mergePatches').reduce<KubeObject>((modified, patch) => mergePatch(modified, parse(stringAt(patch, 'patchData') ?? '')) as KubeObject, object);
}
