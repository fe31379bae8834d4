import { Option } from 'commander';
import { parseDuration } from '../durations.js';
import { exitCodes } from '../exit-codes.js';
import { CommandFailure } from '../failure.js';

/** `--for`, which has to be given: how long something is to hold from now, in milliseconds. */
export function forOption(): Option {
  return new Option('--for <duration>', 'how long from now, such as 90m, 4h or 2d').argParser(milliseconds).makeOptionMandatory();
}

function milliseconds(text: string): number {
  const parsed = parseDuration(text);
  if (parsed === undefined) throw new CommandFailure(exitCodes.refused, `--for ${text} is no duration such as 90m, 4h or 2d.`);
  return parsed;
}
