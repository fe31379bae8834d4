/** Who has a certificate, by the Secret that it lies in: what the certificate calls its owner, and what it is good for. */
const owners = {
  'opensearch-node': { commonName: 'opensearch-node', usages: ['server auth', 'client auth'], dnsNames: ['opensearch', 'opensearch.opensearch', 'opensearch.opensearch.svc', 'opensearch.opensearch.svc.cluster.local', 'localhost'] },
  'opensearch-administrator': { commonName: 'opensearch-administrator', usages: ['client auth'] },
  'fluent-bit': { commonName: 'fluent-bit', usages: ['client auth'] },
} as const;
export type CertificateOwner = keyof typeof owners;

const authority = 'opensearch-authority';
const object = (kind: 'Issuer' | 'Certificate', name: string, spec: Record<string, unknown>) => ({ apiVersion: 'cert-manager.io/v1', kind, metadata: { name }, spec });
const signedBy = (name: string) => ({ issuerRef: { kind: 'Issuer', name } });

/**
 * An authority of the namespace's own and a certificate for everybody who has one: OpenSearch knows its own nodes, its administrator and the shipper by them. The issuers are of the namespace: one of
 * the cluster would give a certificate of any name, the administrator's too, to whoever may write a Certificate in a namespace of theirs.
 */
export const openSearchCertificates: readonly Record<string, unknown>[] = [
  object('Issuer', 'opensearch-self-signed', { selfSigned: {} }),
  object('Certificate', authority, {
    isCA: true, commonName: authority, secretName: authority,
    // A new authority is one that running nodes do not know: see docs/runbooks/opensearch.md.
    duration: '87600h', renewBefore: '2160h', privateKey: { algorithm: 'ECDSA', size: 256 }, ...signedBy('opensearch-self-signed'),
  }),
  object('Issuer', authority, { ca: { secretName: authority } }),
  ...Object.entries(owners).map(([secretName, { usages, ...owner }]) => object('Certificate', secretName, {
    ...owner, secretName, usages: ['digital signature', 'key encipherment', ...usages],
    // OpenSearch reads keys in PKCS #8 alone.
    duration: '8760h', renewBefore: '2920h', privateKey: { algorithm: 'RSA', size: 3072, encoding: 'PKCS8', rotationPolicy: 'Always' }, ...signedBy(authority),
  })),
];
