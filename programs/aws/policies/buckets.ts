import type { Statement } from './document.js';

/** Objects of the service-account issuer that anybody may read: discovery document and public keys. */
export const issuerDocuments = ['.well-known/openid-configuration', 'openid/v1/jwks'] as const;

/** Nobody reaches the bucket but over TLS. */
export function tlsOnly(bucketArn: string): Statement {
  return {
    Sid: 'TlsOnly',
    Effect: 'Deny',
    Principal: '*',
    // The one wildcard: a denial has to leave nothing out.
    Action: ['s3:*'],
    Resource: [bucketArn, `${bucketArn}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}

/** Everybody reads the issuer's documents, and nothing else. */
export function publicDocuments(bucketArn: string): Statement {
  return { Sid: 'IssuerDocuments', Effect: 'Allow', Principal: '*', Action: ['s3:GetObject'], Resource: issuerDocuments.map((document) => `${bucketArn}/${document}`) };
}
