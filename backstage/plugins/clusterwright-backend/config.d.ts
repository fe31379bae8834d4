import type { SchedulerServiceTaskScheduleDefinitionConfig } from '@backstage/backend-plugin-api';

export interface Config {
  /** Clusterwright: Kubernetes clusters as a service. */
  clusterwright?: {
    /** Where its API is, such as `https://clusterwright.example.com`. */
    baseUrl: string;
    /** Where people find its console; `baseUrl` by default. */
    consoleUrl?: string;
    /** The application of Microsoft Entra ID that Backstage signs in as. Without it, no token is sent: for a service on loopback. */
    entra?: {
      tenantId: string;
      clientId: string;
      /** @visibility secret */
      clientSecret: string;
      /** Of the service's registration, such as `api://CLIENT-ID/.default`. */
      scope: string;
      /** `https://login.microsoftonline.com`, or that of a national cloud. */
      authority?: string;
    };
    owners?: {
      /** Namespace of the groups that owners of clusters are; `default` by default. */
      namespace?: string;
      /** Entity reference of who owns clusters without an owner; `group:NAMESPACE/unowned` by default. */
      fallback?: string;
      /** Whether the actions ask that whoever runs a template is in the group that owns the cluster; true by default. */
      check?: boolean;
    };
    catalog?: {
      /** How often clusters are read; each minute by default. */
      schedule?: SchedulerServiceTaskScheduleDefinitionConfig;
      /** Entity reference of the system that clusters are part of unless their label `system` names another. */
      system?: string;
    };
  };
}
