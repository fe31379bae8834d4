import { z } from 'zod';
import { ClusterwrightError } from '../../model/errors.js';
import { addonIdentities, type InfrastructureOutputs } from '../../programs/provider.js';

const outputsSchema = z.object({
  apiServerAddress: z.string().min(1),
  publicAddress: z.string().nullish().transform((value) => value ?? null),
  zones: z.array(z.string()).min(1),
  networkId: z.string(),
  nodeSubnets: z.record(z.string(), z.string()),
  backupStore: z.string(),
  issuerUrl: z.string().nullish().transform((value) => value ?? null),
  keyId: z.string().nullish().transform((value) => value ?? null),
  controlPlane: z.array(z.object({ name: z.string(), id: z.string(), zone: z.string(), address: z.string() })),
  nodePools: z.record(z.string(), z.string()),
  addonIdentities: z.partialRecord(z.enum(addonIdentities), z.string()),
}) satisfies z.ZodType<InfrastructureOutputs>;

/** Takes the infrastructure's outputs by name, and nothing else. Throws `program-failed` when one is missing or of another shape. */
export function infrastructureOutputs(outputs: Readonly<Record<string, unknown>>, stack: string): InfrastructureOutputs {
  const parsed = outputsSchema.safeParse(outputs);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new ClusterwrightError('program-failed', `${stack}: these outputs are missing or not as agreed: ${faults}.`, { resource: stack });
}
