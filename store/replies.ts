import { z } from 'zod';

/** What the scripts answer: a word first, then what belongs to it. Fields of records are parsed by `fields.ts`. */
const fields = z.array(z.string().nullable());

const beyondBounds = z.tuple([z.literal('beyond-bounds'), z.int(), z.int()]);

const keyReused = z.tuple([z.literal('idempotency-key-reused')]);
const replayed = z.tuple([z.literal('replayed'), z.string(), fields]);

export const submitReply = z.union([
  beyondBounds,
  z.tuple([z.enum(['created', 'cluster-exists'])]),
  keyReused,
  replayed,
]);

export const answeredReply = z.union([z.tuple([z.literal('unanswered')]), keyReused, replayed]);

export const changeReply = z.union([
  beyondBounds,
  keyReused,
  replayed,
  z.tuple([z.enum(['cluster-not-found', 'job-not-retryable'])]),
  z.tuple([z.enum(['precondition-failed', 'operation-in-progress', 'refused-move']), z.string()]),
  z.tuple([z.literal('changed'), fields]),
]);

export const claimReply = z.union([
  z.tuple([z.literal('refused')]),
  z.tuple([z.literal('claimed'), z.int(), z.string(), fields, fields]),
]);

export const cancelReply = z.union([
  z.tuple([z.literal('job-not-found')]),
  z.tuple([z.literal('job-finished'), z.string()]),
  z.tuple([z.literal('outdated'), fields]),
  z.tuple([z.literal('cancelled'), fields, fields]),
]);

export const renewReply = z.union([
  z.tuple([z.literal('renewed'), z.string()]),
  z.tuple([z.literal('lease-lost')]),
]);

export const releaseReply = z.tuple([z.enum(['released', 'lease-lost'])]);

export const writeReply = z.union([
  z.tuple([z.enum(['written', 'lease-lost', 'refused-cluster'])]),
  z.tuple([z.literal('refused-move'), z.enum(['job', 'cluster']), z.string()]),
]);

export const namesReply = z.array(z.string());
