import { parseArgs } from 'node:util';
import { ClusterwrightError } from '../../model/errors.js';
import type { Settings } from '../../model/settings.js';
import { providers, type Provider } from '../../model/spec.js';

/** What stands for the machines of the emulated clouds. */
type Nodes = Settings['sandboxNodes'];

/** What the demo was asked to do. */
export interface DemoOptions {
  readonly provider: Provider;
  readonly template: string;
  /** Whether emulated machines are acted, or run on this machine; undefined: as the environment says. */
  readonly nodes: Nodes | undefined;
  /** Leave the cluster and the service up. */
  readonly keep: boolean;
}

/** Reads `--keep`, `--provider`, `--template`, `--nodes`. Throws `settings-invalid` with what is allowed. */
export function demoOptions(argv: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: { keep: { type: 'boolean', default: false }, provider: { type: 'string', default: 'aws' }, template: { type: 'string', default: 'production' }, nodes: { type: 'string' } },
  });
  const provider = providers.find((name) => name === values.provider);
  if (!provider) throw new ClusterwrightError('settings-invalid', `--provider ${values.provider} is not available; it can be: ${providers.join(', ')}.`);
  const { nodes } = values;
  if (nodes !== undefined && nodes !== 'simulated' && nodes !== 'real') throw new ClusterwrightError('settings-invalid', `--nodes ${nodes} is not available; it can be: simulated, real.`);
  return { provider, template: values.template, nodes, keep: values.keep };
}
