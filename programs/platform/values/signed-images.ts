import type { SignedImages } from '../../../model/policies.js';
import type { ClusterSpec } from '../../../model/spec.js';
import { celString, teamsOnly } from './kyverno-cel.js';
import { storedSecret } from './stored-secret.js';

const namespace = 'kyverno';
/** The Secret in Kyverno's namespace that a secret of the store is brought into. */
const secretOf = (secret: string): string => `registry-${secret}`;
/** What an attestor is called in CEL. */
const signer = (index: number): string => `signer${index}`;

/** The store's secrets that Kyverno signs in to registries with, each once. */
function registrySecretNames({ policies }: ClusterSpec): string[] {
  return [...new Set(policies.signedImages.flatMap(({ registrySecret }) => registrySecret ?? []))];
}

/**
 * The policy that asks for signatures; none where the spec asks for none. Where it refuses, tags are replaced by the digest that was looked at, so that what runs is what was signed. Where it
 * reports, it changes nothing.
 */
export function signedImages(spec: ClusterSpec): object[] {
  const { signedImages: asked, mode } = spec.policies;
  if (asked.length === 0) return [];
  const enforced = mode === 'enforce';
  const secrets = registrySecretNames(spec).map(secretOf);
  return [{
    apiVersion: 'policies.kyverno.io/v1beta1',
    kind: 'ImageValidatingPolicy',
    metadata: {
      name: 'signed-images',
      annotations: {
        'policies.kyverno.io/title': 'Signed images',
        'policies.kyverno.io/category': 'Supply chain',
        'policies.kyverno.io/severity': 'high',
        'policies.kyverno.io/description': 'Images of the registries that the cluster\'s spec names are signed by whom it names.',
      },
    },
    spec: {
      failurePolicy: 'Ignore',
      // A registry takes longer to answer than a policy that only reads the pod.
      webhookConfiguration: { timeoutSeconds: 15 },
      validationActions: [enforced ? 'Deny' : 'Audit'],
      validationConfigurations: { mutateDigest: enforced, verifyDigest: enforced, required: true },
      matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['pods', 'pods/ephemeralcontainers'] }] },
      matchConditions: [teamsOnly, { name: 'new-or-changed', expression: "request.operation != 'UPDATE' || object.spec != oldObject.spec" }],
      autogen: { podControllers: { controllers: [] } },
      ...(secrets.length > 0 ? { credentials: { secrets } } : {}),
      matchImageReferences: asked.map(({ images }) => ({ glob: `${images}/*` })),
      attestors: asked.map((entry, index) => ({ name: signer(index), cosign: cosign(entry) })),
      validations: asked.map(({ images }, index) => ({
        expression: `(images.containers + images.initContainers + images.ephemeralContainers).filter(i, i.startsWith(${celString(`${images}/`)})).all(i, verifyImageSignatures(i, [attestors.${signer(index)}]) > 0)`,
        message: `An image of ${images} is not signed by whom policies.signedImages in the cluster's spec names.`,
      })),
    },
  }];
}

/** Who has to have signed. A key's signatures need no log of Sigstore, so a private registry is all that has to be reached; an identity is worth what the log says of its short-lived certificate. */
function cosign(entry: SignedImages): object {
  switch (entry.by) {
    case 'key': return { key: { data: entry.key }, ctlog: { insecureIgnoreTlog: true } };
    case 'identity': return { keyless: { identities: [{ issuer: entry.issuer, subject: entry.subject }] }, ctlog: { url: 'https://rekor.sigstore.dev' } };
  }
}

/** What brings the registries' secrets out of the store into the namespace of Kyverno. */
export function registrySecrets(spec: ClusterSpec): Record<string, unknown>[] {
  return registrySecretNames(spec).map((secret) => storedSecret(spec, { namespace, name: secretOf(secret), values: { '.dockerconfigjson': secret }, type: 'kubernetes.io/dockerconfigjson' }));
}
