import { scriptSet, type StandIn } from './stand-in.js';

/** The stand-in for a cloud's controller: lets new nodes be used. It makes no load balancers and deletes no nodes. */
export const cloudController: StandIn = {
  is: 'nodes are initialised from their provider id',
  objects: (replaced) => scriptSet(replaced, {
    script: 'cloud-controller.sh',
    env: { NAMESPACE: replaced.namespace },
    rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch', 'patch', 'update'] }, { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'patch'] }],
    nodeSelector: { 'node-role.kubernetes.io/control-plane': '' },
  }),
};
