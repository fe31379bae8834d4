import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Schema } from '../../../sandbox/provider/schema.js';

const require = createRequire(import.meta.url);

/** Reads the declaration file of a type's class: `aws:ec2/vpc:Vpc` is `ec2/vpc.d.ts`, `azure-native:network:VirtualNetwork` is `network/virtualNetwork.d.ts`. */
export function readClass(token: string): Schema {
  const [sdk = '', module = '', name = ''] = token.split(':');
  const file = module.includes('/') ? module : `${module}/${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  const source = readFileSync(path.join(path.dirname(require.resolve(`@pulumi/${sdk}/package.json`)), `${file}.d.ts`), 'utf8');
  const apiVersion = /Uses Azure REST API version ([\w-]+)\./.exec(source)?.[1];
  const args = section(source, `export interface ${name}Args {`);
  const body = section(source, `export declare class ${name} extends`);
  return {
    inputs: Object.fromEntries(
      [...args.matchAll(/^ {4}(\w+)(\??): (.+?);?$/gm)].map(([, property, optional, type]) => [property, `${kind(type ?? '')}${optional}`]),
    ),
    outputs: [...body.matchAll(/^ {4}readonly (\w+): /gm)].flatMap(([, property]) => property ?? []),
    ...(apiVersion === undefined ? {} : { apiVersion }),
  };
}

function section(source: string, head: string): string {
  const start = source.indexOf(head);
  if (start < 0) throw new Error(`no ${head}`);
  return source.slice(start, source.indexOf('\n}', start));
}

function kind(type: string): string {
  if (/^pulumi\.Input<pulumi\.Input<.*\[\]/.test(type)) return 'list';
  if (/^pulumi\.Input<\{/.test(type)) return 'map';
  if (/^pulumi\.Input<string \| inputs\.\w+\.PolicyDocument/.test(type)) return 'document';
  if (/^pulumi\.Input<inputs\./.test(type)) return 'object';
  if (/^pulumi\.Input<any/.test(type) || /^any/.test(type)) return 'any';
  if (/^pulumi\.Input<number/.test(type)) return 'number';
  if (/^pulumi\.Input<boolean/.test(type)) return 'boolean';
  return 'string';
}
