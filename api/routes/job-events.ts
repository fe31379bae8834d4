import { z } from 'zod';
import { ClusterwrightError } from '../../model/errors.js';
import { jobEventSchema, type JobEvent } from '../../model/event.js';
import { isFinished } from '../../model/job.js';
import type { Caller } from '../../model/tenancy.js';
import { noJob } from '../auth/access.js';
import { streamEvents, type StreamItem } from '../http/event-stream.js';
import { wholeNumber } from '../http/parameters.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { listSchema } from '../views/list.js';
import { jobParams } from './jobs.js';

/** What a timer can wait at most. */
const longestTimerMs = 2 ** 31 - 1;

const streamType = 'text/event-stream';

/** An id that a stream gives: milliseconds and a number within them. */
const eventIdSchema = z.string().regex(/^[0-9]{1,16}-[0-9]{1,16}$/, 'must be the id of an event');

const eventSchema = jobEventSchema.meta({ id: 'JobEvent' });

export const listEvents = operation({
  method: 'get',
  path: '/jobs/{id}/events',
  id: 'listEvents',
  access: { role: 'viewer', over: 'job' },
  tag: 'Jobs',
  summary: 'List or follow the events of a job',
  description: 'With `Accept: text/event-stream` the events come as they happen, each with its id, and the stream ends behind the one that ends the job. A stream that broke '
    + 'is resumed with `Last-Event-ID`; where nothing can come any more the answer is 204, which tells a browser to stop.',
  params: jobParams,
  missing: 'job-not-found',
  query: z.strictObject({
    limit: wholeNumber(1, 200).default(50).meta({ type: 'integer', minimum: 1, maximum: 200, default: 50, description: 'Events on a page; a stream has no pages.' }),
    cursor: eventIdSchema.optional().describe('The `nextCursor` of the page before.'),
    after: eventIdSchema.optional().describe('Id of the last event that was seen: only later ones are wanted.'),
  }),
  headers: z.object({ 'Last-Event-ID': eventIdSchema.optional().describe('Of a stream: id of the last event that was seen.') }),
  responses: {
    200: {
      description: 'A page of events, or a stream of them.',
      headers: { Vary: '`Accept`' },
      content: { 'application/json': listSchema(eventSchema), [streamType]: z.string().meta({ description: 'Server-sent events; `data` is a JobEvent' }) },
    },
    204: { description: 'Of a stream: the job is finished and has no later event.' },
  },
  async handle({ caller, params: { id }, query, headers, preferred, found: { job } }, context) {
    const { store, metrics } = context;
    if (query.cursor !== undefined && query.after !== undefined) throw new ClusterwrightError('invalid-parameter', 'Give cursor or after, not both.');
    if (job === undefined) throw noJob(id);
    const after = query.cursor ?? query.after;

    if (preferred(['application/json', streamType]) !== streamType) {
      const found = await store.events(id, after, query.limit + 1);
      const items = found.slice(0, query.limit);
      return json(200, { items, nextCursor: found.length > items.length ? (items.at(-1)?.id ?? null) : null }, { Vary: 'Accept' });
    }

    const from = headers['Last-Event-ID'] ?? after;
    if (isFinished(job.state) && (await store.events(id, from, 1)).length === 0) return { status: 204, headers: { Vary: 'Accept' } };
    return {
      status: 200,
      headers: { Vary: 'Accept' },
      async stream(response) {
        metrics.eventStreams.inc();
        try {
          await streamEvents(response, endOf(caller, context.stopping), (signal) => asItems(store.followEvents(id, from, signal)), {
            heartbeatMs: context.limits.heartbeatMs,
            finished: async () => {
              const current = await store.getJob(id);
              // A Redis that lost its data has no events of this job any more.
              return current === undefined || isFinished(current.state);
            },
          });
        } finally {
          metrics.eventStreams.dec();
        }
      },
    };
  },
});

/** A stream lasts no longer than the token that it was asked for with. */
function endOf({ until }: Caller, stopping: AbortSignal): AbortSignal {
  return until === undefined ? stopping : AbortSignal.any([stopping, AbortSignal.timeout(Math.min(Math.max(until - Date.now(), 0), longestTimerMs))]);
}

async function* asItems(events: AsyncIterable<JobEvent>): AsyncIterable<StreamItem> {
  for await (const event of events) yield { id: event.id, data: event };
}
