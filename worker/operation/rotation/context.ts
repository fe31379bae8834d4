import type { OperationContext } from '../context.js';
import type { OrderContext } from '../orders.js';

/** What of an operation a rotation needs. */
export type RotationContext = OrderContext & Pick<OperationContext, 'report'>;
