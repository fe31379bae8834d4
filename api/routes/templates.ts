import { z } from 'zod';
import { ClusterwrightError } from '../../model/errors.js';
import { pageSchema } from '../http/parameters.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { listSchema } from '../views/list.js';
import { templateView, templateViewSchema } from '../views/template.js';
import { jsonAnswer } from './answers.js';

export const listTemplates = operation({
  method: 'get',
  path: '/templates',
  id: 'listTemplates',
  access: { role: 'viewer', over: 'some' },
  tag: 'Templates',
  summary: 'List the catalogue of cluster templates',
  query: pageSchema({}),
  responses: { 200: jsonAnswer('A page of templates.', listSchema(templateViewSchema)) },
  handle({ query: { limit, cursor } }, { catalogue }) {
    const names = [...catalogue.keys()].sort();
    // The cursor is the last name of the page before, in the form that all cursors have.
    const last = cursor === undefined ? '' : Buffer.from(cursor, 'base64url').toString('utf8');
    if (cursor !== undefined && !catalogue.has(last)) throw new ClusterwrightError('invalid-parameter', 'The cursor is not one of this list.');
    const rest = names.filter((name) => name > last);
    const page = rest.slice(0, limit);
    const items = page.flatMap((name) => {
      const template = catalogue.get(name);
      return template ? [templateView(template)] : [];
    });
    return json(200, { items, nextCursor: rest.length > page.length ? Buffer.from(page.at(-1) ?? '').toString('base64url') : null });
  },
});

export const getTemplate = operation({
  method: 'get',
  path: '/templates/{name}',
  id: 'getTemplate',
  access: { role: 'viewer', over: 'some' },
  tag: 'Templates',
  summary: 'Look at a template',
  params: z.strictObject({ name: z.string().max(63) }),
  missing: 'template-not-found',
  responses: { 200: jsonAnswer('The template.', templateViewSchema) },
  handle({ params: { name } }, { catalogue }) {
    const template = catalogue.get(name);
    if (!template) throw new ClusterwrightError('template-not-found', 'The catalogue has no template of this name.');
    return json(200, templateView(template));
  },
});
