import { z } from 'zod';
import { recordInState, type StackRecord } from '../../programs/record.js';
import { encryptionOf, type Encryption } from './backend.js';

const operationResourceSchema = z.object({ urn: z.string(), type: z.string() });

const resourceSchema = z.object({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});

const outputsSchema = z.object({ arn: z.string().optional().catch(undefined) });

const exportSchema = z.object({
  deployment: z.object({
    secrets_providers: z.unknown().optional(),
    resources: z.array(resourceSchema).optional(),
    pending_operations: z.array(z.object({ type: z.string(), resource: operationResourceSchema })).optional(),
  }),
});

/** The whole of it, for the record: its reader looks for what it needs by itself. */
const anyExportSchema = z.object({ deployment: z.unknown() });

/** A resource as the state has it. Of its properties only what it is found by is read. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly id: string | undefined;
  readonly arn: string | undefined;
}

/** What is read of an exported state. Secrets in it stay encrypted: the export is made without `--show-secrets`. */
export interface StackState {
  /** All that exists outside the state; see `isBookkeeping`. */
  readonly resources: readonly StateResource[];
  /** URNs of all that is in the state, what `resources` leaves out as well. */
  readonly urns: readonly string[];
  /** Outputs of the stack. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Resources that an engine was at work on when it died, with what it was doing. */
  readonly pending: readonly { operation: string; urn: string; type: string; name: string }[];
  readonly encryption: Encryption | undefined;
  /** The cluster that the stack belongs to; undefined before the first update, and of stacks that are no cluster's. */
  readonly record: StackRecord | undefined;
}

/** Type token of the root of every stack. */
export const stackType = 'pulumi:pulumi:Stack';

/** What the type tokens of providers begin with. */
export const providerTypePrefix = 'pulumi:providers:';

/** URN of a stack's root. */
export function rootUrn(project: string, stack: string): string {
  return `urn:pulumi:${stack}::${project}::${stackType}::${project}-${stack}`;
}

/** Whether nothing of this type exists outside the state: the stack itself, its providers, its record and our components. */
export function isBookkeeping(type: string): boolean {
  return type.startsWith('pulumi:') || type.startsWith('clusterwright:');
}

/** The name of a resource: the last part of its URN. */
export function nameOfUrn(urn: string): string {
  return urn.slice(urn.lastIndexOf('::') + 2);
}

/** Type token of a resource without its parents' types. */
export function typeOfUrn(urn: string): string {
  const types = urn.split('::')[2] ?? '';
  return types.slice(types.lastIndexOf('$') + 1);
}

/** Reads an export. @throws ZodError when it is none */
export function readExport(text: string): StackState {
  const document: unknown = JSON.parse(text);
  const { deployment } = exportSchema.parse(document);
  const resources = deployment.resources ?? [];
  return {
    resources: resources.filter(({ type }) => !isBookkeeping(type)).map(({ urn, type, id, outputs }) => ({
      urn, type, id, name: nameOfUrn(urn), arn: outputsSchema.parse(outputs ?? {}).arn,
    })),
    urns: resources.map(({ urn }) => urn),
    outputs: resources.find(({ type }) => type === stackType)?.outputs ?? {},
    pending: (deployment.pending_operations ?? []).map(({ type: operation, resource: { urn, type } }) => ({ operation, urn, type, name: nameOfUrn(urn) })),
    encryption: encryptionOf(deployment.secrets_providers),
    record: recordInState(anyExportSchema.parse(document).deployment),
  };
}
