import { ClusterwrightError } from '../../model/errors.js';
import { stackKinds, stackName, type StackKind } from '../../model/names.js';

/** What can be done with a stack when the service is down. */
export const verbs = ['preview', 'up', 'refresh', 'destroy'] as const;
export type Verb = (typeof verbs)[number];

/** What was asked for on the command line. */
export type OpsRequest = { readonly command: 'env' } | { readonly command: 'run'; readonly cluster: string; readonly kind: StackKind; readonly verb: Verb };

const usage = `Call it as "npm run ops -- env" or "npm run ops -- STACK ${verbs.join('|')}".`;

/** Reads the command line. Throws `settings-invalid` with how it is called. */
export function opsRequest([first, second, ...rest]: readonly string[]): OpsRequest {
  if (first === 'env' && second === undefined) return { command: 'env' };
  const verb = verbs.find((name) => name === second);
  const kind = stackKinds.find((name) => first?.endsWith(stackName('', name)));
  if (first === undefined || verb === undefined || kind === undefined || rest.length > 0) {
    throw new ClusterwrightError('settings-invalid', `"${[first, second, ...rest].filter(Boolean).join(' ')}" is not understood: STACK is NAME-infrastructure or NAME-platform.`, { hint: usage });
  }
  return { command: 'run', cluster: first.slice(0, -stackName('', kind).length), kind, verb };
}
