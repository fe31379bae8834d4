import { stripVTControlCharacters } from 'node:util';

/** Longest text of a provider or program that is passed on, in characters. */
const longest = 800;

/**
 * What a program or provider printed, as a caller may see it: without colours (terminal codes and the engine's own `<{%reset%}>`), stack
 * traces and host paths of modules, on few lines, cut at 800 characters.
 */
export function readable(text: string): string {
  const lines = stripVTControlCharacters(text.replace(/<\{%[a-z0-9 ]+%\}>/gi, ''))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^at .+(\(|:\d+:\d+|<anonymous>)/.test(line) && !/^\d+ errors? occurred:$/.test(line))
    .map((line) => line.replace(/^\* /, ''));
  const joined = lines.join(' ').replace(/\s+/g, ' ').trim();
  return joined.length <= longest ? joined : `${joined.slice(0, longest - 1)}…`;
}
