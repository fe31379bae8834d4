import { z } from 'zod';

/** Where an organisation at Datadog can lie. https://docs.datadoghq.com/getting_started/site/ */
const sites = ['datadoghq.com', 'us3.datadoghq.com', 'us5.datadoghq.com', 'datadoghq.eu', 'ap1.datadoghq.com', 'ap2.datadoghq.com', 'ddog-gov.com'] as const;

/** What goes to Datadog, and where. There is no key in it. */
export const datadogSchema = z.strictObject({
  site: z.enum(sites).default('datadoghq.com').describe('Site of the organisation'),
  logs: z.boolean().default(false).describe('Whether the logs of all pods go there too'),
});
