import { describe, expect, it } from 'vitest';
import { consolePages, patience } from './console-pages.js';

const pages = consolePages();

describe('temporary access', () => {
  const group = '44444444-4444-4444-8444-444444444444';

  it('is given after its plan and what can be in its way were shown, and taken back', async () => {
    await pages.made('lent');
    await pages.open('#/clusters/lent');
    await pages.button('Give access for a time…').click();
    await pages.dialog().getByLabel('Group').fill('nobody');
    await pages.dialog().getByLabel('Role').selectOption('developer');
    await pages.dialog().getByRole('button', { name: 'Show the plan' }).click();
    await expect.poll(() => pages.dialog().locator('.fault').count(), patience).toBe(3);
    expect(await pages.dialog().getByLabel('Group').getAttribute('aria-invalid')).toBe('true');
    await pages.dialog().getByLabel('Group').fill(group);
    await pages.dialog().getByLabel('Role').selectOption('operator');
    await pages.dialog().getByLabel('Why').fill('Incident 4711');
    await pages.dialog().getByRole('button', { name: 'Show the plan' }).click();
    await pages.endPreview('lent');
    await pages.dialog().getByText('Entra puts at most 200 groups into a token.').waitFor();
    await pages.dialog().getByRole('button', { name: 'Give access' }).dblclick();
    const given = await pages.jobShown('Change lent');
    expect(given).toMatchObject({ kind: 'update', intent: { request: { access: { change: 'granted', grants: [{ group, role: 'operator', reason: 'Incident 4711' }] } } } });
    await pages.api.finish(given.id);

    await pages.open('#/clusters/lent');
    await pages.button(`Take back… operator of ${group}`).click();
    await pages.dialog().getByText('A connection that is open goes on').waitFor();
    await pages.dialog().getByRole('button', { name: 'Take it back' }).click();
    expect(await pages.jobShown('Change lent')).toMatchObject({ spec: { access: { grants: [] } }, intent: { request: { access: { change: 'revoked' } } } });
  });
});
