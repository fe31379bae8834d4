import { secretSeparators } from '../../model/secret-store.js';
import type { Provider } from '../../model/spec.js';
import { managedLabels } from './names.js';

const name = 'external-secrets-of-own-namespace';

/**
 * The fence between namespaces: external-secrets reads for all of them with one identity, and a store cannot tell who asks. So the API server itself refuses an ExternalSecret
 * that names a secret of another namespace, searches for secrets or asks a generator for one, whatever store it names. Its name says whose a secret is: see `secretSeparators`.
 */
export function secretFence(provider: Provider): Record<string, unknown>[] {
  const metadata = { name, labels: managedLabels };
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules: [{ apiGroups: ['external-secrets.io'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['externalsecrets'] }] },
        variables: [
          { name: 'own', expression: `request.namespace + '${secretSeparators[provider]}'` },
          {
            name: 'keys',
            expression: '(has(object.spec.data) ? object.spec.data.map(entry, entry.remoteRef.key) : [])'
              + ' + (has(object.spec.dataFrom) ? object.spec.dataFrom.filter(entry, has(entry.extract)).map(entry, entry.extract.key) : [])',
          },
        ],
        validations: [
          { expression: 'variables.keys.all(key, key.startsWith(variables.own))', messageExpression: "'the key of a secret of this namespace begins with \"' + variables.own + '\"'" },
          { expression: '!has(object.spec.dataFrom) || !object.spec.dataFrom.exists(entry, has(entry.find))', message: 'secrets are named one by one: "find" would search those of all namespaces' },
          {
            // A generator of credentials that names no identity of its own gives away the operator's.
            expression: '(!has(object.spec.data) || !object.spec.data.exists(entry, has(entry.sourceRef) && has(entry.sourceRef.generatorRef)))'
              + ' && (!has(object.spec.dataFrom) || !object.spec.dataFrom.exists(entry, has(entry.sourceRef) && has(entry.sourceRef.generatorRef)))',
            message: 'secrets come from a store, never from a generator',
          },
          ...unclear[provider],
        ],
      },
    },
    { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata, spec: { policyName: name, validationActions: ['Deny'] } },
  ];
}

/** What would leave it open whose a secret is. */
const unclear: Readonly<Record<Provider, readonly { expression: string; message: string }[]>> = {
  // No namespace has a slash in its name.
  aws: [],
  azure: [
    { expression: "!request.namespace.contains('--')", message: 'a namespace with "--" in its name has no secrets in the store: they would be those of a namespace with the shorter name too' },
    // A slash begins the kind, as in "certificate/name".
    { expression: "!variables.keys.exists(key, key.contains('/'))", message: 'the key is the name of a secret in the vault, without a kind before it' },
  ],
};
