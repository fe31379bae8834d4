import { z } from 'zod';
import { isJsonObject } from '../../model/merge-patch.js';
import { providers } from '../../model/spec.js';
import { templateDefaults, type Template } from '../../model/template.js';

/** A template as callers see it: what it gives on each cloud. */
export const templateViewSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  singleControlPlane: z.boolean().describe('Whether one control-plane node is allowed'),
  spec: z.partialRecord(z.enum(providers), z.record(z.string(), z.unknown())).describe('By provider, the spec that a request is merged over'),
  links: z.strictObject({ self: z.string() }),
}).meta({ id: 'Template' });
export type TemplateView = z.infer<typeof templateViewSchema>;

/** What callers see of a template. */
export function templateView(template: Template): TemplateView {
  const onEach = providers.flatMap((provider) => {
    const spec = templateDefaults(template, provider);
    return template.providers[provider] !== undefined && isJsonObject(spec) ? [[provider, spec] as const] : [];
  });
  return {
    name: template.name,
    title: template.title,
    description: template.description,
    singleControlPlane: template.singleControlPlane,
    spec: Object.fromEntries(onEach),
    links: { self: `/templates/${template.name}` },
  };
}
