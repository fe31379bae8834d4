import { z } from 'zod';

/** A point in time as the API shows it. */
export const timeSchema = z.iso.datetime().describe('RFC 3339, UTC');
