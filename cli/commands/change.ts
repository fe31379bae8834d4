import { Option, type Command } from 'commander';
import { isFinished, type Job } from '../../client/index.js';
import type { Context } from '../context.js';
import { existing } from '../creation.js';
import { parseDuration } from '../durations.js';
import { exitCodes } from '../exit-codes.js';
import { CommandFailure } from '../failure.js';
import { clusterRows } from '../output/cluster.js';
import { formatted, withFormat, type Format } from '../output/format.js';
import { errorRows, receiptRows, tookOf } from '../output/job.js';
import { properties } from '../output/table.js';
import { watchJob } from '../watch/watch.js';

/** Options of commands that ask for a job. */
export interface ChangeOptions {
  readonly watch?: boolean;
  readonly timeout?: number;
  readonly output: Format;
}

/** Gives a command `--watch`, `--timeout` and `-o`. */
export function withWatch(command: Command): Command {
  return withTimeout(withFormat(command.option('-w, --watch', 'show what happens until the job has ended')));
}

/** Options of what can wait for a maintenance window. */
export interface WindowOptions {
  readonly urgent?: boolean;
  readonly when: 'now' | 'window';
}

/** Gives a command `--urgent` and `--when`. */
export function withWindow(command: Command): Command {
  return command.option('--urgent', 'now, also outside the maintenance windows of the cluster')
    .addOption(new Option('--when <when>', 'outside the maintenance windows: be refused, or wait for the next one').choices(['now', 'window']).default('now'));
}

/** Gives a command `--timeout`. */
export function withTimeout(command: Command): Command {
  return command.addOption(new Option('--timeout <duration>', 'stop watching after this time, such as 90m or 1h30m; the job goes on').argParser(durationOption));
}

const longestTimeoutMs = 7 * 86_400_000;

function durationOption(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds > longestTimeoutMs) throw new CommandFailure(exitCodes.refused, `--timeout ${text} is no duration of up to 7 days, such as 90m, 1h30m or 45s.`);
  return milliseconds;
}

/**
 * Tells of a job that was asked for, follows it if that is wished, and prints what came of it: the job itself, or on a terminal's table the cluster.
 * @throws CommandFailure when the job failed or was cancelled, or when watching ended before it
 */
export async function followJob(context: Context, job: Job, { watch, timeout, output }: ChangeOptions): Promise<void> {
  const waits = job.state === 'queued' && job.notBefore !== undefined ? ` and waits for the maintenance window that opens at ${job.notBefore}` : '';
  context.say(`${job.cluster}: job ${job.id} (${job.kind}) ${isFinished(job.state) ? 'has ended already' : `is ${job.state}${waits}`}`);
  if (watch !== true && !isFinished(job.state)) {
    context.print(formatted(output, job, () => properties([['job', job.id], ['state', job.state]])));
    context.say(`Watch it with: clusterwright jobs watch ${job.id}`);
    return;
  }
  const ended = await endOf(context, job, timeout);
  if (ended.state !== 'succeeded') {
    if (output !== 'table') context.print(formatted(output, ended, () => ''));
    throw failureOf(ended);
  }
  const cluster = output === 'table' && ended.kind !== 'delete' ? await existing(context.client, ended.cluster, context.signal) : undefined;
  context.print(formatted(output, ended, () => properties([...(cluster === undefined ? [] : clusterRows(cluster)), ...(ended.receipt ? receiptRows(ended.receipt) : []), ['took', tookOf(ended)]])));
}

/** Follows a job to its end, with what happens on standard error. */
export async function endOf(context: Context, job: Job, timeoutMs?: number): Promise<Job> {
  return isFinished(job.state) ? job : watchJob(context.client, job.id, { stream: process.stderr, signal: context.signal, timeoutMs });
}

/** The failure that a job which did not succeed is. */
export function failureOf(job: Job): CommandFailure {
  const lines = job.error === null ? [] : properties(errorRows(job.error)).split('\n');
  const next = job.links.retry === undefined ? undefined : `Try it again with: clusterwright retry ${job.id}`;
  return new CommandFailure(exitCodes.jobFailed, `The job ${job.id} (${job.kind} of ${job.cluster}) ${job.state === 'cancelled' ? 'was cancelled' : 'has failed'}.`, next, lines);
}
