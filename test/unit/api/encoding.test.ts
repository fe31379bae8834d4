import { expect, it } from 'vitest';
import { encodingFor } from '../../../api/http/encoding.js';

it('takes the shortest form that a caller accepts', () => {
  const cases: readonly (readonly [string | undefined, string])[] = [
    ['gzip, deflate, br', 'br'], ['gzip, deflate', 'gzip'], ['GZIP;q=0.5', 'gzip'], ['br;q=0, gzip', 'gzip'], ['br; q=0.000, gzip;q=0', 'identity'], ['deflate', 'identity'], ['', 'identity'], [undefined, 'identity'], ['identity', 'identity'],
  ];
  for (const [accepted, encoding] of cases) expect([accepted, encodingFor(accepted)]).toEqual([accepted, encoding]);
});
