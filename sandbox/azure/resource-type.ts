import type * as provider from '../provider/resource-type.js';
import type { Cloud } from './cloud.js';

export type { Reference } from '../provider/resource-type.js';
/** A request to make or change one resource of Azure. */
export type Request = provider.Request<Cloud>;
/** An entry under `types/`. */
export type ResourceType = provider.ResourceType<Cloud>;
