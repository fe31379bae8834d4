import './lazy-modules.js';
import * as pulumi from '@pulumi/pulumi';
import type { Program } from '../../programs/provider.js';
import type { Declaration } from '../cloud/cloud.js';
import { isBookkeeping } from './export.js';

/** A declaration with its place in the stack. */
export interface PlacedDeclaration extends Declaration {
  readonly urn: string;
  /** URNs of all that it depends on. */
  readonly dependencies: readonly string[];
}

/**
 * The program with resources that are imported instead of created: those for which `idOf` gives the id that their provider reads them by. The engine
 * reads each of them and refuses one that is not there, records it with its dependencies as the program has them, and then updates what differs.
 */
export function importing(program: Program, idOf: (declared: PlacedDeclaration) => Promise<string | undefined>): Program {
  return async () => {
    pulumi.runtime.registerResourceTransform(async ({ custom, type, name, props, opts }) => {
      if (!custom || isBookkeeping(type)) return undefined;
      const id = await idOf({ type, name, inputs: await knownValues(props), urn: await urnOf(type, name, opts.parent), dependencies: await dependenciesOf(opts) });
      return id === undefined ? undefined : { props, opts: { ...opts, import: id } };
    });
    return program();
  };
}

/**
 * The program with these resources as the state has them, whatever it asks of them itself: a change that their provider refuses is no hindrance to a look at the others. Providers are
 * the program's, with the settings of today.
 */
export function leaving(program: Program, urns: ReadonlySet<string>): Program {
  return async () => {
    pulumi.runtime.registerResourceTransform(async ({ custom, type, name, props, opts }) => {
      if (!custom || isBookkeeping(type) || !urns.has(await urnOf(type, name, opts.parent))) return undefined;
      return { props, opts: { ...opts, ignoreChanges: ['*'] } };
    });
    return program();
  };
}

/** The program without a say in these properties, by type and name of the resource (`TYPE::NAME`): they stay as they are. */
export function sparing(program: Program, properties: ReadonlyMap<string, readonly string[]>): Program {
  if (properties.size === 0) return program;
  return () => {
    pulumi.runtime.registerResourceTransform(({ type, name, props, opts }) => {
      const spared = properties.get(`${type}::${name}`);
      return spared === undefined ? undefined : { props, opts: { ...opts, ignoreChanges: [...(opts.ignoreChanges ?? []), ...spared] } };
    });
    return program();
  };
}

/** The URN of a child: its parent's, with one more type and its own name. */
async function urnOf(type: string, name: string, parent: pulumi.Resource | undefined): Promise<string> {
  const [prefix, stack, types] = ((await valueOf(parent?.urn)) ?? '').split('::');
  const within = types === undefined || types === 'pulumi:pulumi:Stack' ? type : `${types}$${type}`;
  return [prefix, stack, within, name].join('::');
}

async function dependenciesOf({ dependsOn }: pulumi.ResourceOptions): Promise<string[]> {
  const resources: unknown = await valueOf(pulumi.output(dependsOn ?? []));
  const urns = await Promise.all([resources].flat().map(async (resource) => (pulumi.Resource.isInstance(resource) ? valueOf(resource.urn) : undefined)));
  return urns.filter((urn) => urn !== undefined);
}

async function knownValues(props: unknown): Promise<Record<string, unknown>> {
  const entries = Object.entries(typeof props === 'object' && props !== null ? props : {});
  const values = await Promise.all(entries.map(async ([name, value]: [string, unknown]) => [name, await valueOf(pulumi.output(value))] as const));
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/** The value of an output; undefined where it is not known in this run. The SDK has this only inside: what is called on an unknown output never runs. */
async function valueOf<T>(output: pulumi.Output<T> | undefined): Promise<T | undefined> {
  if (output === undefined || !(await (Reflect.get(output, 'isKnown') as Promise<boolean>))) return undefined;
  return new Promise((resolve) => void output.apply(resolve));
}
