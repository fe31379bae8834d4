import * as pulumi from '@pulumi/pulumi';
import type { AwsAccount } from '../../../../model/accounts.js';
import { infrastructure } from '../../../../programs/aws/index.js';
import type { InfrastructureInput } from '../../../../programs/provider.js';

/** A resource as the program declared it. */
export interface Declared {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Runs the program without an engine and gives what it declares. Ids are `NAME-id`, ARNs `arn:NAME`. */
export async function declaredBy(input: InfrastructureInput<AwsAccount>): Promise<Declared[]> {
  const declared: Declared[] = [];
  // The SDK keeps a stack trace for every promise; half of the time goes into them.
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 1;
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      declared.push({ type, name, inputs });
      return { id: `${name}-id`, state: { arn: `arn:${name}`, dnsName: `${name}.example`, zoneId: 'Z1', zone_id: 'Z1', ...inputs } };
    },
    // The program's one call: the image's parameter.
    call: () => ({ insecureValue: 'ami-0123456789abcdef0' }),
  }, 'clusterwright', `${input.spec.name}-infrastructure`, false);
  const outputs = pulumi.output(await infrastructure(input)());
  await new Promise((resolve) => { outputs.apply(resolve); });
  await pulumi.runtime.disconnect();
  Error.stackTraceLimit = limit;
  return declared;
}

/** The inputs of the resources of a type, by name. */
export function inputsOf(declared: readonly Declared[], type: string): Record<string, Readonly<Record<string, unknown>>> {
  return Object.fromEntries(declared.filter((resource) => resource.type === type).map(({ name, inputs }) => [name, inputs]));
}
