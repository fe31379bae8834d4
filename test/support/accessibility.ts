import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { z } from 'zod';

const source = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const resultSchema = z.object({
  passes: z.number(),
  violations: z.array(z.object({ id: z.string(), impact: z.string().nullable(), help: z.string(), nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })) })),
});

/** What axe finds wrong with a page as it stands there, of the levels `serious` and `critical`, each as a line. Throws where axe checked nothing. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(source, 'utf8'));
  const result = resultSchema.parse(await page.evaluate('axe.run(document, { resultTypes: ["violations"] }).then(({ passes, violations }) => ({ passes: passes.length, violations }))'));
  if (result.passes === 0) throw new Error('axe has checked nothing');
  return result.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary ?? ''}`));
}
