import { z } from 'zod';
import type { Json } from './merge-patch.js';
import { mergePatch } from './merge-patch.js';
import { providers, type Provider } from './spec.js';

const jsonObject = z.record(z.string(), z.json());

/** An entry of the catalogue: defaults of a spec, with what differs from cloud to cloud apart. */
export const templateSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  /** Whether a single control-plane node is allowed. */
  singleControlPlane: z.boolean().default(false),
  spec: jsonObject,
  providers: z.partialRecord(z.enum(providers), jsonObject),
});
export type Template = z.infer<typeof templateSchema>;

/** The catalogue of cluster templates by name. */
export type Catalogue = ReadonlyMap<string, Template>;

/** The defaults that a template gives on a cloud. */
export function templateDefaults(template: Template, provider: Provider): Json {
  return mergePatch(template.spec, template.providers[provider] ?? {});
}
