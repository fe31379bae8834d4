import { z } from 'zod';
import { auditRecordSchema, type AuditEntry, type AuditRecord } from '../model/audit.js';
import type { AuditFilter, Page, PageRequest } from './contract.js';
import { cursorBehind, itemBefore } from './cursor.js';
import { key } from './keys.js';
import type { Link } from './link.js';
import { parse, parseJson } from './parsing.js';

const dayMs = 24 * 3_600_000;

/** Records that are read at once, and reads for one page: a filter that finds little ends the page early, with a cursor to go on from. */
const readAtOnce = 500;
const mostReads = 40;

/** A record is written this long after its time at most, in milliseconds, so that looking for one ends. */
const slackMs = 60_000;

const entrySchema = z.tuple([z.string(), z.tuple([z.literal('record'), z.string()])]);

/** Adds a record to the trail. Nothing is ever changed in it; what is older than `keepDays` is dropped. */
export async function append(link: Link, record: AuditRecord, keepDays: number): Promise<void> {
  const text = JSON.stringify(parse(record, 'audit record to be stored', auditRecordSchema));
  await link.call((redis) => redis.xadd(key('audit'), 'MINID', '~', String(Date.now() - keepDays * dayMs), '*', 'record', text));
}

/** A page of the trail, the newest first. */
export async function list(link: Link, filter: AuditFilter, { limit, cursor }: PageRequest): Promise<Page<AuditEntry>> {
  const { since, until } = filter;
  // Ids are the store's times, which are a little later than those in the records.
  const oldest = since === undefined ? '-' : String(Date.parse(since));
  let newest = cursor !== undefined ? `(${itemBefore('audit', cursor)}` : until === undefined ? '+' : String(Date.parse(until) + slackMs);
  const items: AuditEntry[] = [];
  for (let read = 0; read < mostReads; read += 1) {
    const entries = z.array(entrySchema).parse(await link.call((redis) => redis.xrevrange(key('audit'), newest, oldest, 'COUNT', readAtOnce)));
    for (const [id, [, text]] of entries) {
      if (items.length === limit) return { items, nextCursor: cursorBehind('audit', items.at(-1)?.id ?? id) };
      const record = parse(parseJson(text, 'stored audit record'), 'stored audit record', auditRecordSchema);
      if (matches(record, filter)) items.push({ id, ...record });
    }
    const last = entries.at(-1);
    if (last === undefined || entries.length < readAtOnce) return { items, nextCursor: null };
    newest = `(${last[0]}`;
  }
  return { items, nextCursor: cursorBehind('audit', newest.slice(1)) };
}

function matches(record: AuditRecord, { since, until, caller, cluster, owner }: AuditFilter): boolean {
  const at = Date.parse(record.at);
  return (since === undefined || at >= Date.parse(since)) && (until === undefined || at < Date.parse(until))
    && (caller ?? record.caller?.id) === record.caller?.id && (cluster ?? record.cluster) === record.cluster && (owner ?? record.owner) === record.owner;
}
