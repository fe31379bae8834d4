import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** What the SDK's class of one resource type declares. */
export interface ClassSchema {
  /** Input to kind (`string`, `number`, `boolean`, `list`, `map`, `object`, `document`), with `?` when optional. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: readonly string[];
}

const sdk = path.dirname(createRequire(import.meta.url).resolve('@pulumi/aws/package.json'));

/** Reads the declaration file of a type's class: `aws:ec2/vpc:Vpc` is `ec2/vpc.d.ts`. */
export function readClass(token: string): ClassSchema {
  const [, file, name] = token.split(':');
  const source = readFileSync(path.join(sdk, `${file}.d.ts`), 'utf8');
  const args = section(source, `export interface ${name}Args {`);
  const body = section(source, `export declare class ${name} extends`);
  return {
    inputs: Object.fromEntries(
      [...args.matchAll(/^ {4}(\w+)(\??): (.+?);?$/gm)].map(([, property, optional, type]) => [property, `${kind(type ?? '')}${optional}`]),
    ),
    outputs: [...body.matchAll(/^ {4}readonly (\w+): /gm)].flatMap(([, property]) => property ?? []),
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
  if (/^pulumi\.Input<number/.test(type)) return 'number';
  if (/^pulumi\.Input<boolean/.test(type)) return 'boolean';
  return 'string';
}
