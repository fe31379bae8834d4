import tseslint from 'typescript-eslint';

/** The rooms of the service. Their only voice is the structured log. */
const production = ['model', 'store', 'api', 'worker', 'programs', 'templates', 'console'];

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Export by name: one thing has one name everywhere.',
};

export default tseslint.config(
  { ignores: ['**/dist/', '**/dist-types/', 'client/schema.ts', 'coverage/', '.clusterwright/', '**/node_modules/'] },
  {
    // A rule that is wrong is changed here, for all, with a reason.
    linterOptions: { noInlineConfig: true },
  },
  {
    files: ['**/*.ts', 'console/**/*.tsx', 'tools/**/*.mjs'],
    ignores: ['backstage/**'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-restricted-syntax': ['error', noDefaultExport],
      'eqeqeq': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { requireDefaultForNonUnion: true, considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      // `import type X = import('…')` and the like hide a dependency from the check of import directions.
      '@typescript-eslint/no-import-type-side-effects': 'error',
      // Numbers and addresses in messages are plain to read.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allow: ['URL', 'URLSearchParams'] }],
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // `async` without `await` keeps a phase's or a store's signature; whether a promise is dropped is checked elsewhere.
      '@typescript-eslint/require-await': 'off',
      // `return step.done(…)` ends a function early and says so in one line.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Names that begin with an underscore are there for the position only.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // Narrowing does not see what a callback or a signal handler assigns, so this one is wrong where it matters.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // A merge patch is about deleting keys.
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-unnecessary-type-arguments': 'off',
      // Marked as deprecated by its authors to be seen: an authority on this machine has no TLS.
      '@typescript-eslint/no-deprecated': ['error', { allow: [{ from: 'package', name: 'allowInsecureRequests', package: 'openid-client' }] }],
    },
  },
  {
    // Its libraries are its own and not there where the root's are, so it is read without types; its compiler has them.
    files: ['backstage/**/*.{ts,tsx,mjs}'],
    extends: [tseslint.configs.strict],
    rules: {
      'no-restricted-syntax': ['error', noDefaultExport],
      'eqeqeq': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },
  {
    files: production.map((room) => `${room}/**/*.{ts,tsx}`),
    rules: { 'no-console': 'error' },
  },
  {
    files: ['console/sign-in/entra.ts'],
    // The library marks it to make it stand out; it is for an authority on loopback, which stands in for Entra.
    rules: { '@typescript-eslint/no-deprecated': ['error', { allow: [{ from: 'package', package: 'oauth4webapi', name: 'allowInsecureRequests' }] }] },
  },
  {
    // Matchers such as expect.any(String) are typed as any.
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off' },
  },
  {
    // Tools run before anything is installed and parse what other programs wrote: JSON comes as `any` and JSDoc says what it is.
    files: ['tools/**/*.mjs'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // Read by tools that ask for a default export.
    files: ['**/*.config.ts', '*.config.js', 'tools/run/tally-reporter.mjs', 'backstage/plugins/clusterwright-backend/src/index.ts', 'backstage/test/setup/clusterwright.mjs'],
    rules: { 'no-restricted-syntax': 'off' },
  },
);
