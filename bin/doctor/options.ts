import { providers, type Provider } from '../../model/spec.js';
import { ClusterwrightError } from '../../model/errors.js';

/** What was asked for on the command line. */
export type DoctorRequest =
  | { readonly command: 'look'; readonly output: 'text' | 'json'; readonly region: string | undefined }
  | { readonly command: 'policy'; readonly provider: Provider };

const usage = `Call it as "npm run doctor [-- -o json] [-- --region REGION]" or "npm run doctor -- policy ${providers.join('|')}".`;

/** Reads the command line. Throws `settings-invalid` with how it is called. */
export function doctorRequest(args: readonly string[]): DoctorRequest {
  const provider = providers.find((name) => name === args[1]);
  if (args[0] === 'policy' && args.length === 2 && provider !== undefined) return { command: 'policy', provider };
  let output: 'text' | 'json' = 'text';
  let region: string | undefined;
  for (let at = 0; at < args.length; at += 2) {
    const [option, value] = [args[at], args[at + 1]];
    if (option === '-o' && (value === 'json' || value === 'text')) output = value;
    else if (option === '--region' && value !== undefined) region = value;
    else throw new ClusterwrightError('settings-invalid', `"${args.join(' ')}" is not understood.`, { hint: usage });
  }
  return { command: 'look', output, region };
}
