const blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';

/**
 * The condition that an identity's rights on a container hold below some prefixes only, for listing too. Azure judges a list by the prefix that is asked for,
 * and everything else by the blob's path. https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-examples
 */
export function withinPrefixes(prefixes: readonly string[]): string {
  const any = (attribute: string): string => prefixes.map((prefix) => `${attribute} StringStartsWith '${prefix}'`).join(' OR ');
  const list = `ActionMatches{'${blobs}/read'} AND SubOperationMatches{'Blob.List'}`;
  const single = [`(ActionMatches{'${blobs}/read'} AND NOT SubOperationMatches{'Blob.List'})`, `ActionMatches{'${blobs}/write'}`, `ActionMatches{'${blobs}/delete'}`];
  return `((!(${single.join(' OR ')})) OR (${any(`@Resource[${blobs}:path]`)})) AND ((!(${list})) OR (${any(`@Request[${blobs}:prefix]`)}))`;
}

/** The condition that an identity's rights on a container hold for some blobs only. */
export function exactly(paths: readonly string[]): string {
  return `((!(ActionMatches{'${blobs}/write'})) OR (${paths.map((path) => `@Resource[${blobs}:path] StringEquals '${path}'`).join(' OR ')}))`;
}

/** Blobs of the service-account issuer that anybody may read: discovery document and public keys. */
export const issuerDocuments = ['.well-known/openid-configuration', 'openid/v1/jwks'] as const;
