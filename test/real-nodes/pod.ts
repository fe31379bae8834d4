/** A shell that is in every host's image store, with curl. */
const shell = 'sandbox.clusterwright.io/network:1';

/** A pod that runs a command in a shell. */
export function pod(name: string, command: string, { spec = {}, container = {} }: { spec?: object; container?: object } = {}): object {
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'shell', image: shell, imagePullPolicy: 'Never', command: ['sh', '-c', command], ...container }], ...spec },
  };
}
