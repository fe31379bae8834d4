/** Condition operators with their keys and values. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** One statement of an IAM policy. Actions and resources are always spelled out. */
export interface Statement {
  /** What the statement is for; letters and digits only. */
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: '*' | { readonly [kind in 'AWS' | 'Service' | 'Federated']?: string };
  readonly Condition?: Conditions;
}

/** A policy document as text. The same statements always give the same text, so an unchanged policy is no diff. */
export function policyDocument(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

/** Names and ARNs that policies speak of. */
export interface PolicySubjects {
  readonly cluster: string;
  readonly uid: string;
  readonly region: string;
  readonly accountId: string;
  /** The private bucket. */
  readonly bucketArn: string;
  /** The public bucket of the issuer's documents, where there is one. */
  readonly issuerBucketArn: string | undefined;
  readonly keyArn: string;
  /** Id of the cluster's VPC. */
  readonly networkId: string;
  /** Ids of the hosted zones that names are written into. */
  readonly zones: readonly string[];
  /** ARN of the key that Flux decrypts with, if there is one. */
  readonly sopsKey: string | undefined;
}

/** For calls that AWS only allows on `*`: at least they hold in the cluster's region alone. */
export function inRegion({ region }: PolicySubjects): Conditions {
  return { StringEquals: { 'aws:RequestedRegion': region } };
}
