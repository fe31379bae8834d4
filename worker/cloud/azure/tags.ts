import { z } from 'zod';
import { tagKeys } from '../../../model/names.js';
import type { FoundResource } from '../cloud.js';
import { AzureConnection } from './connection.js';
import { calling } from './errors.js';
import { kindOfId } from './types.js';

const rowSchema = z.object({ id: z.string(), location: z.string().nullish(), tags: z.record(z.string(), z.string()).nullish() });
const answerSchema = z.object({ data: z.array(rowSchema), $skipToken: z.string().nullish() });

/** Tables of the index: resources, and the groups that hold them. */
const tables = ['Resources', 'ResourceContainers'] as const;

/**
 * Everything in the subscription that carries the cluster's uid, in every region, by Azure Resource Graph. That index follows its resources with a
 * delay of seconds to minutes. https://learn.microsoft.com/azure/governance/resource-graph/concepts/query-language
 */
export async function findByUid(connection: AzureConnection, subscriptionId: string, uid: string): Promise<FoundResource[]> {
  const found = await Promise.all(tables.map((table) => search(connection, subscriptionId, `${table} | where tags['${tagKeys.uid}'] == '${uid}' | project id, location, tags | order by id asc`)));
  return found.flat();
}

async function search(connection: AzureConnection, subscriptionId: string, query: string): Promise<FoundResource[]> {
  return calling(`looking for resources by tag in the subscription ${subscriptionId}`, async () => {
    const found: FoundResource[] = [];
    for (let skip: string | undefined = ''; skip !== undefined; ) {
      const body = { subscriptions: [subscriptionId], query, options: { resultFormat: 'objectArray', ...(skip === '' ? {} : { $skipToken: skip }) } };
      const { text } = await connection.send('management', AzureConnection.management('/providers/Microsoft.ResourceGraph/resources', '2022-10-01'), { method: 'POST', body });
      const page: z.infer<typeof answerSchema> = answerSchema.parse(JSON.parse(text));
      found.push(...page.data.map(({ id, location, tags }) => ({ id, kind: kindOfId(id), region: location ?? 'global', part: tags?.[tagKeys.resource] })));
      skip = page.$skipToken ?? undefined;
    }
    return found;
  });
}
