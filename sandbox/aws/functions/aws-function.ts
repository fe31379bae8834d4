import type { PropertyMap } from '../../protocol/values.js';
import type { Cloud } from '../cloud.js';

export interface FunctionContext {
  readonly cloud: Cloud;
  readonly region: string;
}

/** A data source: arguments in, result out. */
export type AwsFunction = (args: PropertyMap, context: FunctionContext) => PropertyMap;
