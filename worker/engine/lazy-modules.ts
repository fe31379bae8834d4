import { createRequire, Module } from 'node:module';
import path from 'node:path';

/**
 * The Pulumi SDK loads the TypeScript compiler and npm's package tree as soon as it is imported, for the one feature of turning a JavaScript
 * function into a cloud function. No program here uses that; together they cost each operation some 50 MB and a quarter of a second. This
 * module, imported before the SDK, puts stand-ins into their places that load the real module with the first use, so nothing else changes.
 */
const sdk = createRequire(createRequire(import.meta.url).resolve('@pulumi/pulumi'));

/** The file that the SDK would load; undefined where the package is not installed. */
function resolved(name: string): string | undefined {
  try {
    return sdk.resolve(name);
  } catch {
    return undefined;
  }
}

/** Stands in for a module until somebody uses it. */
function postpone(file: string): void {
  if (sdk.cache[file] !== undefined) return;
  const load = (): object => {
    if (sdk.cache[file] === standIn) Reflect.deleteProperty(sdk.cache, file);
    return sdk(file) as object;
  };
  const standIn = new Module(file);
  standIn.filename = file;
  standIn.loaded = true;
  // A function, so that it may stand for a class as well.
  standIn.exports = new Proxy(function () {}, {
    get: (_target, key): unknown => Reflect.get(load(), key),
    has: (_target, key) => Reflect.has(load(), key),
    construct: (_target, args) => Reflect.construct(load() as new (...given: unknown[]) => object, args),
    apply: (_target, self, args) => Reflect.apply(load() as (...given: unknown[]) => unknown, self, args),
  });
  sdk.cache[file] = standIn;
}

const files = [
  // Without the package, as where only the service's own libraries are installed, the SDK takes the copy that it brings along.
  resolved('typescript') ?? path.join(path.dirname(sdk.resolve('@pulumi/pulumi')), 'vendor', 'typescript@3.8.3', 'typescript.js'),
  resolved('@npmcli/arborist'),
];
for (const file of files) if (file !== undefined) postpone(file);
