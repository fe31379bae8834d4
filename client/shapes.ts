import type { components } from './schema.js';

type Schemas = components['schemas'];

/** Temporary access as it is asked for, as the answer has it with its job, and as it is listed. */
export type AccessGrantRequest = Schemas['AccessGrantRequest'];
export type Granted = Schemas['Granted'];
export type ListedAccessGrant = Schemas['ListedAccessGrant'];
export type AuditEntry = Schemas['AuditEntry'];
/** Something that a cluster can be taken back to. */
export type Backup = Schemas['Backup'];
export type Backups = Schemas['Backups'];
/** What of a cluster is to be saved. */
export type BackupRequest = Schemas['BackupRequest'];
/** What it is to come back to, or what of it is to come back. */
export type RestoreRequest = Schemas['RestoreRequest'];
export type CancelAnswer = Schemas['CancelAnswer'];
export type Cluster = Schemas['Cluster'];
/** A merge patch (RFC 7396) on a cluster's spec. */
export type ClusterPatch = Schemas['ClusterPatch'];
/** What a cluster is asked for with. */
export type ClusterRequest = Schemas['ClusterRequest'];
export type Job = Schemas['Job'];
export type JobEvent = Schemas['JobEvent'];
/** What a job of kind `preview` found would change. */
export type Plan = NonNullable<Schemas['Plan']>;
/** What the scan after a deletion looked for and found. */
export type Receipt = NonNullable<Schemas['Receipt']>;
/** What of a cluster ends, and when. */
export type ClusterExpiries = Schemas['ClusterExpiries'];
/** What of a cluster can be made anew. */
export type Rotation = Schemas['RotationRequest'];
/** The job that a change became, and the cluster that it is about; previews have no cluster here. */
export type Submission = Schemas['Submission'];
export type Template = Schemas['Template'];
/** What the last check for drift found. */
export type Drift = Schemas['Drift'];
/** What of it is to be left aside. */
export type IgnoreDriftRequest = Schemas['IgnoreDriftRequest'];
/** A restore that was tried. */
export type Drill = Schemas['Drill'];
/** What is to be tried, and where. */
export type DrillRequest = Schemas['DrillRequest'];
/** Where an upgrade is to go. */
export type Upgrade = Schemas['Upgrade'];
export type UpgradeReadiness = Schemas['UpgradeReadiness'];

/** Whether nothing will happen in a job any more. */
export function isFinished(state: Job['state']): boolean {
  switch (state) {
    case 'succeeded': case 'failed': case 'cancelled': return true;
    case 'queued': case 'running': case 'cancelling': return false;
  }
}
