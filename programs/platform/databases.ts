import type { AddonNamespace, Platform } from '../../model/platform.js';

/** What is to be known of an operator of databases to let it and its instances talk. */
export interface DatabaseOperator {
  /** Where it runs. */
  readonly namespace: AddonNamespace;
  /** Label that it puts on the pods of every instance. */
  readonly instance: readonly [name: string, value: string];
  /** Ports of an instance that it calls: where it tells how it is, and PostgreSQL. */
  readonly ports: readonly number[];
}

/** The operator of each choice. */
export const databaseOperators: Readonly<Record<Exclude<Platform['databases'], 'none'>, DatabaseOperator>> = {
  'cloudnative-pg': { namespace: 'cnpg-system', instance: ['cnpg.io/podRole', 'instance'], ports: [8000, 5432] },
  'zalando-postgres': { namespace: 'postgres-operator', instance: ['application', 'spilo'], ports: [8008, 5432] },
};

/** The operator that a cluster has, if any. */
export function databaseOperator({ databases }: Platform): DatabaseOperator | undefined {
  return databases === 'none' ? undefined : databaseOperators[databases];
}
