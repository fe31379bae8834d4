import { defineConfig } from 'vitest/config';

/** Against a running Clusterwright, which `test/setup/clusterwright.mjs` starts on the sandbox. Files of pages say in their first line that they need a DOM. */
export default defineConfig({
  resolve: { alias: { '@clusterwright/client': new URL('../client/index.ts', import.meta.url).pathname } },
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    reporters: ['default', '../tools/run/tally-reporter.mjs'],
    globalSetup: ['test/setup/clusterwright.mjs'],
    setupFiles: ['test/setup/jest.ts'],
    // Backstage's test kits look for beforeAll and afterAll where Jest has them.
    globals: true,
    silent: 'passed-only',
    // Operations step back behind everything else on the machine.
    testTimeout: 600_000,
    hookTimeout: 300_000,
    // Written for bundlers: they import folders, and CSS.
    server: { deps: { inline: [/@backstage\/(core-|plugin-app|plugin-catalog-react|plugin-permission-react|frontend-|test-utils|ui|theme|version-bridge|integration-react)/, /material-ui-popup-state/] } },
    // One service and two cores for all of them.
    fileParallelism: false,
  },
});
