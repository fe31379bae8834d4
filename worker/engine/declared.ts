import './lazy-modules.js';
import * as pulumi from '@pulumi/pulumi';
import type { MockCallArgs, MockResourceArgs, Mocks } from '@pulumi/pulumi/runtime/mocks.js';
import { z } from 'zod';
import { projectName } from '../../model/names.js';
import type { Program } from '../../programs/provider.js';
import { isBookkeeping } from './export.js';

/** The SDK gives properties untyped. */
const propertiesSchema = z.record(z.string(), z.unknown());

/** A resource that a program declares; the URN has the type's and the name's place only. */
export interface DeclaredResource {
  readonly urn: string;
}

/**
 * What a program declares, without an engine and without asking any cloud: every resource is taken as given. The SDK cannot be turned back from
 * this in the same process, so it is the last thing that an operation runs.
 */
export async function declaredBy(program: Program, stack: string): Promise<DeclaredResource[]> {
  const declared: DeclaredResource[] = [];
  const mocks: Mocks = {
    newResource: ({ type, name, inputs, id }: MockResourceArgs) => {
      if (!isBookkeeping(type)) declared.push({ urn: `urn:pulumi:${stack}::${projectName}::${type}::${name}` });
      return { id: id ?? name, state: { ...propertiesSchema.parse(inputs) } };
    },
    call: ({ inputs }: MockCallArgs) => propertiesSchema.parse(inputs),
  };
  await pulumi.runtime.setMocks(mocks, projectName, stack, false);
  await pulumi.runtime.runInPulumiStack(program);
  await pulumi.runtime.disconnect();
  return declared;
}
