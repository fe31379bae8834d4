import { z } from 'zod';
import { templateDefaults, type Template } from '../../model/template.js';
import type { DemoOptions } from './options.js';

const poolsSchema = z.object({ nodePools: z.array(z.looseObject({ name: z.string() })) });

/** Workers of a pool on real nodes, which all run on this machine. */
const workers = { minNodes: 2, maxNodes: 3 };

/** The request that the demo sends: a template and what only the caller can know. Real nodes come in small pools. */
export function demoRequest(name: string, options: DemoOptions, template: Template): object {
  return {
    name,
    template: options.template,
    provider: options.provider,
    owner: 'demo',
    access: {
      entra: { tenantId: '11111111-1111-4111-8111-111111111111', clientId: '22222222-2222-4222-8222-222222222222' },
      groups: [{ id: '33333333-3333-4333-8333-333333333333', role: 'admin' }],
    },
    ...(options.nodes === 'real' ? { nodePools: poolsSchema.parse(templateDefaults(template, options.provider)).nodePools.map((pool) => ({ ...pool, ...workers })) } : {}),
  };
}
