import { z } from 'zod';
import { problemSchema } from '../../../api/http/problem.js';
import { clusterViewSchema } from '../../../api/views/cluster.js';
import { jobViewSchema } from '../../../api/views/job.js';
import { remainsSchema } from '../../../api/views/remains.js';

/** The answers of the API, parsed by the schemas that its docs come from: an answer that is not as documented fails the test. */
export async function problemOf(response: Response) {
  if (response.headers.get('content-type') !== 'application/problem+json') throw new Error(`not a problem: ${response.status} ${await response.text()}`);
  return problemSchema.parse(await response.json());
}

export async function clusterOf(response: Response) {
  return clusterViewSchema.parse(await response.json());
}

export async function jobOf(response: Response) {
  return jobViewSchema.parse(await response.json());
}

export async function submissionOf(response: Response) {
  if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
  return z.strictObject({ cluster: clusterViewSchema, job: jobViewSchema }).parse(await response.json());
}

export async function cancelledOf(response: Response) {
  if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
  return z.strictObject({ cluster: clusterViewSchema.optional(), job: jobViewSchema, remains: remainsSchema }).parse(await response.json());
}

export async function previewOf(response: Response) {
  if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
  return z.strictObject({ job: jobViewSchema }).parse(await response.json()).job;
}

/** A page whose items are parsed by `item`. */
export async function pageOf<Item extends z.ZodType>(response: Response, item: Item) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() }).parse(await response.json());
}
