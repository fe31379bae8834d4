import type { Operation } from '../operation.js';
import { grantAccess, listAccessGrants, revokeAccess } from './access-grants.js';
import { listAudit } from './audit.js';
import { createBackup, listBackups } from './backups.js';
import { deleteCluster, getCluster, patchCluster, repairCluster } from './cluster.js';
import { createCluster, listClusters } from './clusters.js';
import { getConsole, getConsoleAsset, getConsoleSettings } from './console.js';
import { getDocs, getDocsAsset, getOpenApi } from './docs.js';
import { checkDrift, getDrift, ignoreDrift, noticeDrift } from './drift.js';
import { listDrills, startDrill } from './drills.js';
import { listExpiries } from './expiries.js';
import { getHealth, getReadiness } from './health.js';
import { hibernateCluster, wakeCluster } from './hibernation.js';
import { cancelJob, retryJob } from './job-changes.js';
import { listEvents } from './job-events.js';
import { getJob, listClusterJobs, listJobs } from './jobs.js';
import { getKubeconfig } from './kubeconfig.js';
import { getMetrics } from './metrics.js';
import { getProblemType } from './problems.js';
import { restoreCluster } from './restore.js';
import { rotateCluster } from './rotation.js';
import { getTemplate, listTemplates } from './templates.js';
import { getUpgradeReadiness, upgradeCluster } from './upgrade.js';
import { listWebhookDeliveries, redeliverWebhook } from './webhook-deliveries.js';

/** All that the API answers, in the order of the docs. Routes, 405 answers and the OpenAPI document come out of this list. */
export const operations: readonly Operation[] = [
  createCluster, listClusters, getCluster, patchCluster, deleteCluster, repairCluster, createBackup, listBackups, restoreCluster, startDrill, listDrills, upgradeCluster, getUpgradeReadiness, checkDrift, getDrift, ignoreDrift, noticeDrift, grantAccess, listAccessGrants, revokeAccess, rotateCluster, hibernateCluster, wakeCluster, listExpiries, getKubeconfig, listClusterJobs, listWebhookDeliveries, redeliverWebhook,
  getJob, listJobs, listEvents, cancelJob, retryJob,
  listTemplates, getTemplate,
  listAudit,
  getHealth, getReadiness, getMetrics, getOpenApi, getDocs, getDocsAsset, getProblemType,
  getConsole, getConsoleSettings, getConsoleAsset,
];
