import { stringify } from 'yaml';
import { z } from 'zod';
import { ClusterwrightError } from '../../model/errors.js';
import { userKubeconfig } from '../../model/kubeconfig.js';
import { noCluster } from '../auth/access.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { clusterParams } from './cluster.js';

const yamlType = 'application/yaml';
const jsonType = 'application/json';

export const getKubeconfig = operation({
  method: 'get',
  path: '/clusters/{name}/kubeconfig',
  id: 'getKubeconfig',
  access: { role: 'viewer', over: 'cluster' },
  audited: true,
  tag: 'Clusters',
  summary: 'Get a kubeconfig',
  description: 'CA, stable endpoint and the kubelogin plugin against Microsoft Entra ID. No secret is in it. YAML, or JSON where `Accept` asks for it.',
  params: clusterParams,
  missing: 'cluster-not-found',
  responses: {
    200: {
      description: 'The kubeconfig.',
      headers: { Vary: '`Accept`' },
      content: { [yamlType]: z.string(), [jsonType]: z.record(z.string(), z.unknown()).meta({ description: 'The same document in JSON' }) },
    },
  },
  problems: ['kubeconfig-not-ready'],
  handle(call) {
    const { cluster } = call.found;
    if (cluster === undefined) throw noCluster(call.params.name);
    if (!cluster.connection) throw new ClusterwrightError('kubeconfig-not-ready', `The cluster "${cluster.name}" has no API server yet.`);
    const kubeconfig = userKubeconfig(cluster.spec, cluster.connection);
    if (call.preferred([yamlType, jsonType]) === jsonType) return json(200, kubeconfig, { Vary: 'Accept' });
    return { status: 200, headers: { Vary: 'Accept' }, body: { type: `${yamlType}; charset=utf-8`, content: stringify(kubeconfig) } };
  },
});
