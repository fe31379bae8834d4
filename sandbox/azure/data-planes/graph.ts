import { z } from 'zod';
import type { Inventory } from '../../inventory/inventory.js';
import type { Item } from '../../inventory/item.js';
import { tagMap } from '../../inventory/tags.js';
import { text } from '../../provider/properties.js';
import { subscriptionId } from '../cloud.js';
import { AzureError } from '../errors.js';
import * as tokens from '../types/tokens.js';
import { json, type WireResponse } from './wire.js';

const bodySchema = z.object({ subscriptions: z.array(z.string()), query: z.string(), options: z.object({ resultFormat: z.literal('objectArray'), $skipToken: z.string().optional() }) });
const pageSize = 1000;
/** What was deleted is found for so long, in milliseconds of the sandbox: the index follows the resources. */
const lagMs = 20_000;

/** What the index does not have, tagged or not. https://learn.microsoft.com/azure/governance/resource-graph/reference/supported-tables-resources */
const unlisted: ReadonlySet<string> = new Set([tokens.key]);

/** What the index shows: the resources, and for a while those that are gone. Only in memory. */
export class ResourceGraph {
  readonly #gone: { readonly item: Item; readonly until: number }[] = [];

  constructor(private readonly inventory: Inventory) {
    inventory.subscribe({
      deleted: (item) => {
        if (item.id.startsWith('/subscriptions/')) this.#gone.push({ item, until: inventory.clock.now() + lagMs });
      },
    });
  }

  /** Answers the one query that the sandbox understands: a table, one tag with its value, and a projection. Others are refused by name. */
  query(body: unknown): WireResponse {
    const result = bodySchema.safeParse(body);
    if (!result.success) throw new AzureError('BadRequest', z.prettifyError(result.error));
    const { subscriptions, query, options } = result.data;
    const [, table, tag = '', value = ''] = /^(Resources|ResourceContainers)\s*\|\s*where tags\['([^']+)'\] == '([^']*)'\s*\|\s*project id, location, tags\s*\|\s*order by id asc$/.exec(query.trim()) ?? [];
    if (table === undefined) throw new AzureError('InvalidQuery', `the sandbox does not understand the query ${query}`);
    const found = !subscriptions.includes(subscriptionId) ? [] : this.#items().filter((item) => (item.type === tokens.resourceGroup) === (table === 'ResourceContainers') && tagMap(item.outputs['tags'])[tag] === value).sort((a, b) => (a.id < b.id ? -1 : 1));
    const from = Number(options.$skipToken ?? '0');
    const page = found.slice(from, from + pageSize);
    return json(200, {
      totalRecords: found.length, count: page.length, resultTruncated: 'false',
      data: page.map(({ id, outputs }) => ({ id: id.replace(/\/resourceGroups\/([^/]+)/, (_, group: string) => `/resourceGroups/${group.toLowerCase()}`), location: text(outputs, 'location') ?? 'global', tags: tagMap(outputs['tags']) })),
      ...(from + pageSize < found.length ? { $skipToken: String(from + pageSize) } : {}),
    });
  }

  #items(): Item[] {
    const now = this.inventory.clock.now();
    const gone = this.#gone.filter(({ until }) => until > now).map(({ item }) => item);
    const all = [...this.inventory.list().filter(({ id, type }) => type.startsWith('azure-native:') && id.startsWith('/subscriptions/')), ...gone].filter(({ type }) => !unlisted.has(type));
    return [...new Map(all.map((item) => [item.id, item])).values()];
  }
}
