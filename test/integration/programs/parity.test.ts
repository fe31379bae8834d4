import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { azureInputOf, inputOf, specOf } from '../../support/infrastructure-input.js';
import { declaredBy as declaredOnAws } from '../../unit/programs/aws/declared.js';
import { declaredBy as declaredOnAzure } from '../../unit/programs/azure/declared.js';
import { awsFacts } from './parity-aws.js';
import { azureFacts } from './parity-azure.js';
import type { Facts } from './parity-facts.js';

const docs = readFileSync(new URL('../../../docs/clouds.md', import.meta.url), 'utf8');
const absent = '–';

/** Rows of the table in the docs: what, on AWS, on Azure, why. */
function rows(): string[][] {
  const [, table = ''] = docs.split('<!-- differences -->');
  return table.split('\n').filter((line) => line.startsWith('| ')).slice(2).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
}

describe('one spec on both clouds', () => {
  let aws: Facts, azure: Facts;
  beforeAll(async () => {
    const patch = { nodePools: [{ name: 'general', minNodes: 3, maxNodes: 10, diskGiB: 100 }] };
    const [onAws, onAzure] = [await specOf('production', { nodePools: patch.nodePools.map((pool) => ({ ...pool, machineType: 'm7i.xlarge' })) }),
      await specOf('production', { provider: 'azure', nodePools: patch.nodePools.map((pool) => ({ ...pool, machineType: 'Standard_D4s_v5' })) })];
    aws = awsFacts(await declaredOnAws(inputOf(onAws)), onAws);
    azure = azureFacts(await declaredOnAzure(azureInputOf(onAzure)), onAzure);
  }, 60_000);

  it('is the same cluster: nodes, zones, ports, identities, encryption, backups and ways, but for what the docs list', () => {
    const keys = [...new Set([...Object.keys(aws), ...Object.keys(azure)])];
    const differing = keys.filter((key) => aws[key] !== azure[key]).map((key) => [key, aws[key] ?? absent, azure[key] ?? absent]);
    expect(differing.sort()).toEqual(rows().map(([what = '', onAws = '', onAzure = '']) => [what, onAws, onAzure]).sort());
  });

  it('has a reason for every difference', () => {
    for (const [what, , , why = ''] of rows()) expect(why, what).toMatch(/\w+ \w+/);
  });

  it('is described fact by fact on each cloud, so that nothing is the same for lack of an answer', () => {
    const same = Object.keys(aws).filter((key) => aws[key] === azure[key]);
    expect(same).toEqual(expect.arrayContaining([
      'machine cp-1', 'machine cp-2', 'machine cp-3', 'pool-general', 'port: control-plane from workers, tcp 6443', 'port: workers from control-plane, tcp 10250', 'identity worker', 'identity addon-velero',
      'encryption of etcd\'s disks', 'backups: snapshots of etcd', 'endpoint for the nodes\' secrets', 'API health check', 'API name',
    ]));
    for (const [key, value] of [...Object.entries(aws), ...Object.entries(azure)]) expect(value, key).toMatch(/^(?!.*(unknown|undefined| {2}))[\w'].*\S$|^\d$/);
    expect(aws['machine cp-2']).toBe('zone 2, fixed address, system disk of 50 GiB, etcd disk of 64 GiB');
    expect(azure['pool-general']).toBe('zones 1 2 3, starts with 3 machines of 3 to 10, system disk of 100 GiB');
  });
});
