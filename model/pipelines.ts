import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { Fault } from './errors.js';
import { dnsLabelSchema } from './fields.js';

/** The roles that a pipeline can have: those that hold in a namespace. */
export const pipelineRoles = ['developer', 'viewer'] as const;

/** Claims that are no rule about who a token is for: the API server judges them itself, or, as with e-mail addresses, they change hands. */
const notARule: readonly string[] = ['iss', 'aud', 'exp', 'iat', 'nbf', 'jti', 'email', 'email_verified'];

/**
 * Claims of which one at least has to be ruled, because they say whose the token is; all others (`ref`, `environment`) the next customer of a public issuer has alike.
 * https://docs.github.com/actions/reference/security/oidc, https://docs.gitlab.com/ci/secrets/id_token_authentication/
 */
const whose: readonly string[] = [
  'sub', 'repository', 'repository_id', 'repository_owner', 'repository_owner_id', 'job_workflow_ref', 'workflow_ref',
  'project_path', 'project_id', 'namespace_path', 'namespace_id',
];

/** What stands in `sub` before who it is: a kind (`repo:`, `project_path:`), or the scheme of a URL. */
const kindOfSubject = /^[a-z_]+:(\/\/)?/;

const claimSchema = z.strictObject({
  claim: z.string().max(100).regex(/^[A-Za-z][A-Za-z0-9_.:/-]*$/, 'must be the name of a claim').refine((name) => !notARule.includes(name), `must be none of ${notARule.join(', ')}`)
    .describe('Name of a claim whose value is text'),
  value: z.string().max(256).regex(/^[!-~]([ -~]*[!-~])?$/, 'must be printable ASCII without spaces at its ends')
    .refine((value) => !value.includes('*') || /^[^*]*[/:._-]\*$/.test(value), 'may have "*" as its last character only, after one of / : . _ -')
    .describe('What the claim has to be, to the letter; with "*" at its end, what it has to begin with'),
});

const issuerSchema = z.url({ protocol: /^https$/ }).max(500).refine((text) => !URL.canParse(text) || isPlain(new URL(text), text), 'must be an address as the tokens have it: in lower case, without user, query or fragment');

function isPlain({ href, search, hash, username }: URL, text: string): boolean {
  return [href, href.replace(/\/$/, '')].includes(text) && search + hash + username === '' && !/[?#@]/.test(text);
}

const authoritySchema = z.string().max(20_000).refine(isCertificates, 'must be certificates as PEM, and nothing else');

/** One job or kind of job outside the cluster that may act in a namespace, with tokens that its own system gives it. */
export const pipelineSchema = z.strictObject({
  name: dnsLabelSchema(40).describe('Name within the cluster: bindings and the audit log have it as `pipeline:NAME`'),
  issuer: issuerSchema.describe('Who signs the tokens: their claim `iss` to the letter. The control planes read its keys from there'),
  audience: z.string().max(256).regex(/^[!-~]+$/, 'must be printable ASCII without spaces').describe('Whom the tokens have to be for: their claim `aud`. One of the cluster\'s own keeps tokens for others out'),
  claims: z.array(claimSchema).min(1, 'must hold at least one rule: without one everybody who gets tokens of this issuer would be let in').max(10).describe('What has to be true of a token; all of it'),
  namespace: dnsLabelSchema(63),
  role: z.enum(pipelineRoles),
  certificateAuthority: authoritySchema.optional().describe('Who has signed the issuer\'s certificate, PEM, where that is nobody whom the machines trust'),
});
export type Pipeline = z.infer<typeof pipelineSchema>;
type Claim = Pipeline['claims'][number];

/** Characters that the rules of one issuer may have together, written as JSON: an API server compiles them as one expression of CEL, which may have 100 000. */
const mostOfRules = 40_000;

/** Pipelines of one cluster. An API server takes 64 issuers, and Entra is one. */
export const pipelinesSchema = z.array(pipelineSchema).max(50);

/** What the rules about pipelines look at beside these. */
export interface PipelineGround {
  readonly entra: { readonly tenantId: string; readonly clientId: string };
  /** Name of the cluster, and the namespaces of its teams; each undefined where it is not valid itself. */
  readonly cluster?: string | undefined;
  readonly namespaces?: readonly string[] | undefined;
}

/** What is wrong with pipelines as a whole, each fault with its pointer below `prefix`. */
export function pipelineFaults(pipelines: readonly Pipeline[], ground: PipelineGround, prefix: string): Fault[] {
  return pipelines.flatMap((pipeline, index) => {
    const earlier = pipelines.slice(0, index);
    const at = (field: string, detail: string | undefined): Fault[] => (detail === undefined ? [] : [{ pointer: `${prefix}/${index}/${field}`, detail }]);
    return [
      ...at('name', earlier.some(({ name }) => name === pipeline.name) ? 'is the name of another pipeline' : undefined),
      ...at('issuer', issuerFault(pipeline.issuer, ground)),
      ...at('audience', pipeline.audience.toLowerCase() === ground.entra.clientId.toLowerCase() ? 'is the application that people sign in to: a pipeline needs an audience of its own' : undefined),
      ...pipeline.claims.flatMap(({ claim }, position) => at(`claims/${position}/claim`, pipeline.claims.findIndex((one) => one.claim === claim) < position ? 'has a rule already' : undefined)),
      ...at('claims', claimsFault(pipeline, earlier)),
      ...at('namespace', ground.namespaces?.includes(pipeline.namespace) === false ? `"${pipeline.namespace}" is not a namespace of this spec` : undefined),
      ...at('certificateAuthority', earlier.some((one) => one.issuer === pipeline.issuer && one.certificateAuthority !== pipeline.certificateAuthority) ? 'is not that of the other pipelines of this issuer' : undefined),
    ];
  });
}

/** Entra's people and applications come by groups, and pods by their own tokens: an issuer twice is refused by API servers. */
function issuerFault(issuer: string, { entra, cluster }: PipelineGround): string | undefined {
  const { hostname, pathname } = new URL(issuer);
  const microsoft = hostname === 'login.microsoftonline.com' || hostname === 'sts.windows.net';
  if (microsoft && pathname.split('/')[1]?.toLowerCase() === entra.tenantId.toLowerCase()) return 'is the tenant of access.entra: a service principal of it is let in by its groups';
  if (/^kubernetes\.default(\.|$)/.test(hostname)) return 'is the cluster\'s own';
  if (cluster === undefined) return undefined;
  // The shapes of physicalName(…, 'issuer') and azureStorageAccount(…, 'issuer'), whose uid a spec does not know.
  const own = [new RegExp(`^${cluster}-[a-z0-9]{6}-issuer\\.s3\\.`), new RegExp(`^${cluster.replaceAll('-', '').slice(0, 12)}[a-z0-9]{6}issuer\\.blob\\.core\\.windows\\.net$`)];
  return own.some((shape) => shape.test(hostname)) ? 'is the cluster\'s own, of its service accounts' : undefined;
}

function claimsFault(pipeline: Pipeline, earlier: readonly Pipeline[]): string | undefined {
  if (!pipeline.claims.some(saysWhose)) return `must say whose the token is, to the letter or up to a whole first part ("acme/*"), by one of: ${whose.join(', ')}; without it anybody's job at this issuer would be let in`;
  const together = [...earlier, pipeline].filter(({ issuer }) => issuer === pipeline.issuer).reduce((sum, { audience, claims }) => sum + JSON.stringify({ audience, claims }).length, 0);
  if (together > mostOfRules) return `makes the rules of this issuer longer than ${mostOfRules} characters together, more than an API server takes`;
  const other = earlier.find((one) => one.issuer === pipeline.issuer && one.audience === pipeline.audience && !areApart(one.claims, pipeline.claims));
  return other ? `must differ from those of "${other.name}" in one claim: a token could be of both, and would be refused` : undefined;
}

/** Whether a rule names somebody: whole, or by a prefix that has at least its first part in full (`acme/*`, `repo:acme/*`). */
function saysWhose({ claim, value }: Claim): boolean {
  return whose.includes(claim) && (!value.endsWith('*') || /^[^/:]+[/:]/.test(value.replace(kindOfSubject, '')));
}

/** Whether no token can follow both: some claim cannot have both values. */
function areApart(some: readonly Claim[], others: readonly Claim[]): boolean {
  return some.some(({ claim, value }) => others.some((other) => other.claim === claim && !meet(value, other.value)));
}

function meet(one: string, other: string): boolean {
  const [start, otherStart] = [one, other].map((value) => (value.endsWith('*') ? value.slice(0, -1) : undefined));
  if (start !== undefined && otherStart !== undefined) return start.startsWith(otherStart) || otherStart.startsWith(start);
  if (start !== undefined) return other.startsWith(start);
  return otherStart === undefined ? one === other : one.startsWith(otherStart);
}

function isCertificates(text: string): boolean {
  const block = /-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----\n?/g;
  const found = text.match(block) ?? [];
  return found.length > 0 && text.replace(block, '').trim() === '' && found.every(isCertificate);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
