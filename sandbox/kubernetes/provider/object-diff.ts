import { compareInputs, type DiffResult, type DifferenceKind, type PropertyMap } from '../../protocol/index.js';
import { stringAt } from '../json.js';
import { builtInKind } from './object-inputs.js';

/** Provider settings that decide whether data may change in place. */
export interface MutableData {
  configMaps: boolean;
  secrets: boolean;
}

const identity = ['apiVersion', 'kind', 'metadata.name', 'metadata.namespace'];

/**
 * Compares the inputs of an object and says which changes need a new one: its identity, fields that the API server refuses to change, and
 * the data of ConfigMaps and Secrets unless the provider was told that they may change in place (as pulumi-kubernetes does it).
 */
export function diffObject(oldInputs: PropertyMap, news: PropertyMap, mutableData: MutableData): DiffResult {
  const kind = builtInKind(news['apiVersion'], news['kind']);
  const replacing = [...identity, ...(kind?.immutable ?? []), ...dataFields(news['kind'], mutableData)];
  const mutable = kind?.mutable ?? [];
  const differences = new Map([...compareInputs(oldInputs, news, { replaces: [] })].map(([path, difference]): [string, DifferenceKind] => {
    const replaces = replacing.some((field) => within(path, field)) && !mutable.some((field) => within(path, field)) && !sameGroup(path, oldInputs, news);
    return [path, replaces && !difference.endsWith('-replace') ? (`${difference}-replace` as DifferenceKind) : difference];
  }));
  const samePlace = ['name', 'namespace'].every((field) => stringAt(oldInputs, 'metadata', field) === stringAt(news, 'metadata', field));
  return { differences, deleteBeforeReplace: samePlace };
}

function dataFields(kind: unknown, mutableData: MutableData): string[] {
  if (kind === 'ConfigMap' && !mutableData.configMaps) return ['data', 'binaryData', 'immutable'];
  return kind === 'Secret' && !mutableData.secrets ? ['data', 'stringData', 'immutable'] : [];
}

function within(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`);
}

/** Another version of the same group is the same object. */
function sameGroup(path: string, oldInputs: PropertyMap, news: PropertyMap): boolean {
  const group = (value: unknown): string => String(value).split('/').slice(0, -1).join('/');
  return path === 'apiVersion' && group(oldInputs['apiVersion']) === group(news['apiVersion']);
}
