import { readSchemas } from '../../provider/schema.js';

/** The schema of a type that has an entry. */
export const schemaOf = readSchemas(new URL('./schema.json', import.meta.url));
