import { z } from 'zod';
import { ClusterwrightError } from '../model/errors.js';
import { jobEventBodySchema, type JobEvent } from '../model/event.js';
import { isFinished } from '../model/job.js';
import { key } from './keys.js';
import type { Link } from './link.js';
import { parse, parseJson } from './parsing.js';

const entrySchema = z.tuple([z.string(), z.tuple([z.literal('event'), z.string()])]);
const idPattern = /^(\d{1,16})-(\d{1,16})$/;

/** Key of a job's event stream. */
export function streamKey(jobId: string): string {
  return key('events', jobId);
}

/** A job's events behind `after` (all from the start without it), at most `limit`. Throws `invalid-parameter` for an id of another form. */
export async function readEvents(link: Link, jobId: string, after: string | undefined, limit: number): Promise<JobEvent[]> {
  const from = after === undefined ? '-' : `(${checkedId(after)}`;
  const entries = await link.call((redis) => redis.xrange(streamKey(jobId), from, '+', 'COUNT', limit));
  return entries.map(eventFrom);
}

/** The newest event of a job; undefined when there is no such job. */
export async function newestEvent(link: Link, jobId: string): Promise<JobEvent | undefined> {
  const entries = await link.call((redis) => redis.xrevrange(streamKey(jobId), '+', '-', 'COUNT', 1));
  return entries.map(eventFrom)[0];
}

/** An event out of its stream entry. Its time is that of the entry's id, which Redis makes. */
export function eventFrom(entry: unknown): JobEvent {
  const [id, [, body]] = parse(entry, 'event', entrySchema);
  return { id, at: new Date(Number(id.split('-')[0])).toISOString(), event: parse(parseJson(body, 'event'), 'event', jobEventBodySchema) };
}

/** Whether nothing comes behind this event. */
export function endsJob({ event }: JobEvent): boolean {
  return event.type === 'state' && isFinished(event.state);
}

/** An event id from outside. */
export function checkedId(id: string): string {
  if (!idPattern.test(id)) throw new ClusterwrightError('invalid-parameter', 'The event id is not one that this stream has given.');
  return id;
}

/** Order of two event ids: negative when the first is older. */
export function compareIds(first: string, second: string): number {
  const [time = 0, sequence = 0] = first.split('-').map(Number);
  const [otherTime = 0, otherSequence = 0] = second.split('-').map(Number);
  return time === otherTime ? sequence - otherSequence : time - otherTime;
}
