import { ClusterwrightError, type ErrorCode } from '../../model/errors.js';
import { EngineCallError, isStackLocked } from './call-error.js';
import type { Diagnosis } from './events.js';
import { nameOfUrn, typeOfUrn } from './export.js';
import { readable } from './readable.js';

/** What the words about a resource mean beyond "it failed". First match wins. */
const providerWords: readonly { code: ErrorCode; pattern: RegExp }[] = [
  // The resource itself may well be made: the engine could not write it down.
  { code: 'backend-unavailable', pattern: /failed to save snapshot/i },
  { code: 'cloud-throttled', pattern: /\bThrottl(ed|ing)|RequestLimitExceeded|TooManyRequests|Rate exceeded|SlowDown\b/i },
  {
    code: 'cloud-credentials',
    pattern: /ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|\bAuthFailure\b|sts:AssumeRole|assume.{0,20} role|account ID not allowed|no valid credential|NoCredentialProviders|\bAADSTS\d+|(Invalid|Expired)AuthenticationToken|SubscriptionNotFound/i,
  },
  { code: 'quota-exceeded', pattern: /LimitExceeded|VcpuLimit|QuotaExceeded|exceeded (the )?(quota|limit)|exceeding approved .* quota/i },
];

/** What the CLI prints when it fails before, or beside, any resource. First match wins. */
const engineWords: readonly { code: ErrorCode; pattern: RegExp; detail: string }[] = [
  {
    code: 'secrets-key-mismatch',
    pattern: /incorrect passphrase|secrets manager|failed to decrypt|passphrase must be set|error decrypting|message authentication failed/i,
    detail: 'The secrets of the state cannot be read with the passphrase or key that the service has.',
  },
  {
    code: 'backend-unavailable',
    pattern: /unable to open bucket|could not list bucket|read .*meta|failed to load (checkpoint|snapshot)|could not (read|write|save|get) .*(bucket|checkpoint|snapshot)|unable to save|failed to (save|write)|blob \(|PULUMI_ACCESS_TOKEN|no space left/i,
    detail: 'The engine could not read or write the state backend.',
  },
];

/**
 * What went wrong in a call of the engine, in our words and the provider's. `diagnosis` has what its events told. Never gives away more than
 * the provider's own words about the resource: what the CLI printed beside stays out.
 */
export function classify(error: unknown, stack: string, diagnosis: Diagnosis = { failures: [], errors: [] }): ClusterwrightError {
  if (isStackLocked(error)) {
    return new ClusterwrightError('stack-locked', `${stack} is locked by another engine${lockHolder(error)}.`, { resource: stack, cause: error });
  }
  if (error instanceof EngineCallError && error.signal !== null) {
    return new ClusterwrightError('engine-crashed', `${stack}: the engine was ended by ${error.signal}.`, { resource: stack, cause: error });
  }
  const failed = diagnosis.failures.find(({ words }) => words !== '') ?? diagnosis.failures[0];
  if (failed !== undefined) {
    const others = diagnosis.failures.length - 1;
    const code = providerWords.find(({ pattern }) => pattern.test(failed.words))?.code ?? 'resource-failed';
    const words = failed.words === '' ? 'The provider gave no reason.' : failed.words;
    return new ClusterwrightError(code, `${typeOfUrn(failed.urn)} ${nameOfUrn(failed.urn)}: ${words}${others > 0 ? ` (${others} more failed)` : ''}`, { resource: nameOfUrn(failed.urn), cause: error });
  }
  const printed = error instanceof EngineCallError ? error.stderr : '';
  const texts = [...diagnosis.errors, printed];
  for (const { code, pattern, detail } of engineWords) {
    if (texts.some((text) => pattern.test(text))) return new ClusterwrightError(code, `${detail} (${stack})`, { resource: stack, cause: error });
  }
  const [first] = diagnosis.errors;
  if (first !== undefined) {
    const credentials = providerWords.find(({ code, pattern }) => code === 'cloud-credentials' && pattern.test(first));
    return new ClusterwrightError(credentials?.code ?? 'program-failed', `${stack}: ${first}`, { resource: stack, cause: error });
  }
  if (!(error instanceof EngineCallError)) {
    return new ClusterwrightError('program-failed', `${stack}: the program ended with an error of its own.`, { resource: stack, cause: error });
  }
  const words = printed.split('\n').map(readable).filter((line) => line.startsWith('error:')).at(-1);
  return new ClusterwrightError('engine-failed', `${stack}: ${words ?? `the engine ended with exit code ${error.exitCode}`}`, { resource: stack, cause: error });
}

/** Who holds a lock, as the engine names it: user, host, process and time. */
function lockHolder(error: unknown): string {
  if (!(error instanceof EngineCallError)) return '';
  const holder = /created by (\S+) \(pid (\d+)\) at (\S+)/.exec(error.stderr);
  return holder === null ? '' : `: ${holder[1]}, process ${holder[2]}, since ${holder[3]}`;
}
