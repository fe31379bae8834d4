import { stringify } from 'yaml';
import type { Template } from '../../client/index.js';
import { columns } from './table.js';

/** The catalogue, a line each. */
export function templateList(templates: readonly Template[]): string {
  return columns(['template', 'clouds', 'title', 'description'], templates.map(({ name, title, description, spec }) => [name, Object.keys(spec).join(', '), title, description]));
}

/** A template with what it gives on each cloud. */
export function templateDetails({ name, title, description, spec }: Template): string {
  return [`${name}: ${title}`, description, '', stringify(spec, { lineWidth: 0 }).trimEnd()].join('\n');
}
