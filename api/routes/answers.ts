import { z } from 'zod';
import type { ResponseDoc } from '../operation.js';
import { clusterViewSchema } from '../views/cluster.js';
import { jobViewSchema } from '../views/job.js';

/** What the docs say of an answer in JSON. */
export function jsonAnswer(description: string, schema: z.ZodType, headers: Readonly<Record<string, string>> = {}): ResponseDoc {
  return { description, headers, content: { 'application/json': schema } };
}

const submissionSchema = z.strictObject({ cluster: clusterViewSchema.optional().describe('Absent in the answer to a dry run'), job: jobViewSchema }).meta({ id: 'Submission' });

/** What the docs say of an accepted change. */
export const acceptedAnswer: ResponseDoc = jsonAnswer('The job is queued.', submissionSchema, {
  Location: 'Path of the job',
  'Retry-After': 'Seconds after which a look at the job makes sense',
});
