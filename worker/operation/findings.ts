import { driftFinding, type DriftFinding, type DriftLayer } from '../../model/drift.js';
import type { Inspection } from '../../model/orders.js';
import type { ForeignRule } from '../cloud/index.js';
import type { Deviation, Difference } from '../engine/drift.js';
import { listed } from './listed.js';

/** As many places of one property are named, and values are shown up to this length. */
const named = 5;
const longest = 120;

/** Properties that can hold a secret, or are too much to read. */
const unspoken = /data|password|secret|token|credential|policy|content/i;
/** What the engine's events have in place of a secret: https://www.pulumi.com/docs/iac/concepts/secrets/ */
const engineSecret = /\[secret\]|4dabf18193072939515e22adb298388d/;

const repaired = 'POST /clusters/{name}/repair';

/** What the engine has found, property by property. Values are told of the cloud only: what somebody wrote into an object of Kubernetes could be anything. Pure. */
export function deviationFindings(layer: DriftLayer, deviations: readonly Deviation[]): DriftFinding[] {
  return deviations.flatMap(({ type, name, is, properties }): DriftFinding[] => {
    const about = { layer, resource: `${type}::${name}`, repair: repaired };
    switch (is) {
      case 'missing': return [driftFinding({ ...about, property: null, expected: 'there', seen: 'missing' })];
      case 'foreign': return [driftFinding({ ...about, property: null, expected: 'not there any more', seen: 'there' })];
      case 'different':
        return Object.entries(properties).map(([property, differences]) => driftFinding({
          ...about, property,
          acceptable: layer === 'cloud' && differences.length <= named && differences.every(({ seen }) => isShown(property, seen)),
          expected: words(differences, ({ expected }) => layer === 'cloud' ? shown(property, expected) : present(expected, 'as declared')),
          seen: words(differences, ({ seen }) => layer === 'cloud' ? shown(property, seen) : present(seen, 'something else')),
        }));
    }
  });
}

/** Rules that no stack has. */
export function ruleFindings(rules: readonly ForeignRule[]): DriftFinding[] {
  return rules.map(ruleFinding);
}

/** One of them. */
export function ruleFinding({ id, group, words: what }: ForeignRule): DriftFinding {
  return driftFinding({ layer: 'cloud', resource: id, property: null, expected: `no such rule in ${group}`, seen: what, repair: repaired, acceptable: true });
}

/** What a control plane has found on its disk and in its kernel. */
export function inspectionFindings(node: string, { differences }: Inspection): DriftFinding[] {
  const told = (kind: Inspection['differences'][number]['kind'], value: string | null): string => value === null ? 'not there' : kind === 'file' ? `SHA-256 ${value}` : value;
  return differences.map(({ kind, name, expected, seen }) => driftFinding({ layer: 'nodes', resource: node, property: name, expected: told(kind, expected), seen: told(kind, seen), repair: repaired, acceptable: true }));
}

function words(differences: readonly Difference[], told: (difference: Difference) => string): string {
  return listed(differences.map((difference) => `${difference.path}: ${told(difference)}`), named, '; ');
}

function present(value: unknown, otherwise: string): string {
  return value === undefined ? 'nothing' : otherwise;
}

function shown(property: string, value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  return isShown(property, value) ? JSON.stringify(value) : 'a value that is not shown';
}

function isShown(property: string, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  const plain = typeof value !== 'object' || (Array.isArray(value) && value.every((item) => typeof item !== 'object'));
  const text = JSON.stringify(value);
  return plain && !unspoken.test(property) && !engineSecret.test(text) && text.length <= longest;
}
