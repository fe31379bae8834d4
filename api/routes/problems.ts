import { z } from 'zod';
import { errorCodes, errorRegistry } from '../../model/errors.js';
import { problemUri } from '../http/problem.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { jsonAnswer } from './answers.js';

const problemTypeSchema = z.strictObject({
  type: z.string(), code: z.enum(errorCodes), title: z.string(), status: z.int(), hint: z.string(), retryable: z.boolean(),
}).meta({ id: 'ProblemType' });

export const getProblemType = operation({
  method: 'get',
  path: '/problems/{code}',
  id: 'getProblemType',
  access: 'everybody',
  tag: 'Service',
  summary: 'What a type of problem means',
  description: 'The `type` of every problem leads here.',
  params: z.strictObject({ code: z.enum(errorCodes) }),
  responses: { 200: jsonAnswer('Title, status and what to do.', problemTypeSchema) },
  handle({ params: { code } }) {
    const { title, status, hint, retryable } = errorRegistry[code];
    return json(200, { type: problemUri(code), code, title, status, hint, retryable }, { 'Cache-Control': 'public, max-age=3600' });
  },
});
