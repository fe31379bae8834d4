import { z } from 'zod';
import { queueNames, type QueueName, type WakeUp } from './contract.js';
import type { Link } from './link.js';
import { parse } from './parsing.js';
import { namesReply } from './replies.js';
import { Script } from './script.js';

/** After this time, a wake-up that no worker has answered by a claim is repeated: queues may lose what they were given. */
const repeatMs = 60_000;

const dueScript = new Script('due');
const wokenUpScript = new Script('woken-up');

const queues = Object.keys(queueNames) as QueueName[];
const memberSchema = z.templateLiteral([z.enum(['operations', 'previews']), '/', z.string(), '.', z.int()]);

/** The outbox's members that may stand for a job's attempt; the scripts, which know its kind, build the same. */
function wakeUpMembers(jobId: string, attempt: number): string[] {
  return queues.map((queue) => `${queue}/${jobId}.${attempt}`);
}

/** Wake-ups that BullMQ has to be given, the oldest first. */
export async function dueWakeUps(link: Link, limit: number): Promise<WakeUp[]> {
  const members = namesReply.parse(await link.call((redis) => dueScript.run(redis, { limit })));
  return members.map((member) => {
    const [queue = '', rest = ''] = parse(member, 'outbox entry', memberSchema).split('/');
    const [jobId = '', attempt = ''] = rest.split('.');
    return { jobId, attempt: Number(attempt), queue: queue === 'previews' ? 'previews' : 'operations' };
  });
}

/** Notes that BullMQ has these wake-ups. They are due again after a minute, unless a worker has claimed the job by then. */
export async function wokenUp(link: Link, wakeUps: readonly Pick<WakeUp, 'jobId' | 'attempt'>[]): Promise<void> {
  await link.call((redis) => wokenUpScript.run(redis, { wakeUps: wakeUps.flatMap(({ jobId, attempt }) => wakeUpMembers(jobId, attempt)), repeatMs }));
}
