import type { ValuesInput } from './context.js';

/** What Flux brings first: nothing where the spec names nothing, for then the chart is not installed. */
export function flux2Sync({ spec: { gitops } }: ValuesInput): Record<string, unknown> {
  if (gitops === undefined) return {};
  const { repository, branch, path, secret, sops } = gitops;
  return {
    gitRepository: { spec: { url: repository, ref: { branch }, ...(secret === undefined ? {} : { secretRef: { name: secret } }) } },
    kustomization: { spec: { path: `./${path}`, ...(sops === undefined ? {} : { decryption: { provider: 'sops' } }) } },
  };
}
