import { declaredBy } from '../../worker/engine/declared.js';
import { typeOfUrn } from '../../worker/engine/export.js';
import { infrastructure } from '../../programs/aws/index.js';
import { inputOf, specOf } from '../support/infrastructure-input.js';

/** The resource types that a cluster's infrastructure is made of, as its program declares them, in order of their names. */
export async function resourceTypes(): Promise<readonly [string, ...string[]]> {
  const spec = await specOf('development');
  const declared = await declaredBy(infrastructure(inputOf(spec)), `${spec.name}-infrastructure`);
  const [first, ...rest] = [...new Set(declared.map(({ urn }) => typeOfUrn(urn)))].sort();
  if (first === undefined) throw new Error('the program declares nothing');
  return [first, ...rest];
}
