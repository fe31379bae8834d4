/**
 * Answers a client that proves who it is by another issuer's token, in the place of a secret. Only managed identities do so here, and they are kept by the cloud: it answers.
 * @param form the request to the token endpoint, with a `client_assertion`
 */
export type Federation = (tenantId: string, form: URLSearchParams) => Promise<{ readonly status: number; readonly body: object }>;
