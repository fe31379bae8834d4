/** `@clusterwright/client`: what the console, the command line, the Backstage plugins and anybody's portal call the API with. */
export { ClusterwrightClient, type ClientOptions } from './client.js';
export { Problem, Unreachable, type Fault } from './problem.js';
export { isFinished, type AccessGrantRequest, type AuditEntry, type Backup, type BackupRequest, type Backups, type CancelAnswer, type Cluster, type ClusterExpiries, type ClusterPatch, type ClusterRequest, type Drift, type Drill, type DrillRequest, type Granted, type Job, type JobEvent, type ListedAccessGrant, type Plan, type Receipt, type RestoreRequest, type Rotation, type Submission, type Template, type Upgrade, type UpgradeReadiness } from './shapes.js';
