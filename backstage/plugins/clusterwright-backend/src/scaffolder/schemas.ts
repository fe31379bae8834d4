import type { TemplateAction } from '@backstage/plugin-scaffolder-node';
import copied from './schemas.json';

/** JSON Schema, as actions have it. */
export type Schema = NonNullable<NonNullable<TemplateAction['schema']>['input']>;

/** What a cluster is asked for with: the API's own schema. */
export const requestSchema: Schema = copied.ClusterRequest as unknown as Schema;

/** What a cluster is changed with: the API's own schema of a merge patch. */
export const patchSchema: Schema = copied.ClusterPatch as unknown as Schema;

/** Names that clusters can have. */
export const nameSchema: Schema = { type: 'string', pattern: copied.ClusterRequest.properties.name.pattern, description: 'Name of the cluster' };
