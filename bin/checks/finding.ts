import { isClusterwrightError } from '../../model/errors.js';

/** `missing`: the service does not work so. `warn`: it does, but somebody should know. */
export type Level = 'ok' | 'warn' | 'missing';

/** What was found about one thing that the service needs: one sentence, and where something is missing, what to do. */
export interface Finding {
  readonly about: string;
  readonly level: Level;
  readonly text: string;
}

export const ok = (about: string, text: string): Finding => ({ about, level: 'ok', text });
export const warn = (about: string, text: string): Finding => ({ about, level: 'warn', text });
export const missing = (about: string, text: string): Finding => ({ about, level: 'missing', text });

/** A look takes at most this long, in milliseconds: clients of clouds and the engine are patient with what does not answer. */
const longestLook = 60_000;

/** Looks at something. What is thrown, and what takes too long, is missing: an error of ours in its own words and with its hint. */
export async function look(about: string, looking: () => Promise<Finding | readonly Finding[]>, limitMs = longestLook): Promise<readonly Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => resolve(missing(about, `nothing was answered within ${limitMs / 1000} s: see whether this machine can reach it.`)), limitMs);
  });
  try {
    return [await Promise.race([looking(), late])].flat();
  } catch (error) {
    return [missing(about, wording(error))];
  } finally {
    clearTimeout(timer);
  }
}

function wording(error: unknown): string {
  if (isClusterwrightError(error)) return `${error.message} ${error.hint}`;
  const text = error instanceof Error ? error.message || error.name : String(error);
  return `${text.split('\n')[0] ?? ''}${text.endsWith('.') ? '' : '.'}`;
}
