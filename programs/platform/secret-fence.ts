import { secretSeparators, storeKind, type StoreChoice } from '../../model/secret-store.js';
import { managedLabels } from './names.js';

const name = 'external-secrets-of-own-namespace';

/**
 * The fence between namespaces: external-secrets reads for all of them with one identity, and a store cannot tell who asks. So the API server itself refuses an ExternalSecret
 * that names a secret of another namespace, searches for secrets or asks a generator for one, whatever store it names. Its name says whose a secret is: see `secretSeparators`.
 */
export function secretFence(store: StoreChoice): Record<string, unknown>[] {
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
          { name: 'own', expression: `request.namespace + '${secretSeparators[storeKind(store)]}'` },
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
          ...unclear(store),
        ],
      },
    },
    { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata, spec: { policyName: name, validationActions: ['Deny'] } },
  ];
}

/** What would leave it open whose a secret is. */
function unclear(store: StoreChoice): { expression: string; message: string }[] {
  const kind = storeKind(store);
  switch (kind) {
    // No namespace has a slash in its name.
    case 'aws': return [];
    case 'azure': return [
      doubleHyphen,
      // A slash begins the kind, as in "certificate/name".
      { expression: "!variables.keys.exists(key, key.contains('/'))", message: 'the key is the name of a secret in the vault, without a kind before it' },
    ];
    case 'google': return [doubleHyphen, { expression: "variables.keys.all(key, key.matches('^[A-Za-z0-9_-]+$'))", message: 'the key is the name of a secret in the project: letters, digits, "-" and "_"' }];
    // Its client resolves "..", and external-secrets takes the mount away where a key begins with it: both would lead to secrets of others.
    case 'vault': return [
      { expression: `variables.keys.all(key, key.matches('^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$'))`, message: 'the key is a path of letters, digits, "-", "_" and ".", none of whose parts begins with "."' },
      ...(store.secretStore.kind === 'vault' ? [{ expression: `!variables.keys.exists(key, key.startsWith('${store.secretStore.mount}/'))`, message: 'a namespace that is called as the mount begins has no secrets in the store: the key would lose its name' }] : []),
    ];
  }
}

const doubleHyphen = { expression: "!request.namespace.contains('--')", message: 'a namespace with "--" in its name has no secrets in the store: they would be those of a namespace with the shorter name too' };
