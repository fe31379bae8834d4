/**
 * Which room may import which: the folder table of CONTRIBUTING.md, as data. `npm run lint` checks it on sources, types included.
 */

/** Rooms of the service, and the rooms of ours that each may import besides itself. */
const mayImport = {
  model: [],
  store: ['model'],
  api: ['model', 'store'],
  worker: ['model', 'store', 'programs'],
  programs: ['model', 'templates'],
  templates: [],
  sandbox: ['model'],
  client: [],
  cli: ['client'],
  console: ['client'],
};
/** Rooms that wire the others up or look at them from outside. Nobody imports these, but the outside ones each other. */
const outside = ['bin', 'test', 'bench', 'tools'];
const rooms = [...Object.keys(mayImport), ...outside];

/** Libraries that only some places may import. Tests and benchmarks may import anything. */
const libraries = [
  {
    name: 'cloud-resources-only-in-programs',
    comment: 'Resources of a cloud or of Kubernetes are declared in programs/ and nowhere else.',
    library: '@pulumi/(aws|azure-native|kubernetes)',
    places: ['programs'],
  },
  {
    name: 'engine-only-in-programs-and-worker',
    comment: 'programs/ declare, worker/ runs the engine; the sandbox speaks its wire protocol and may import the protocol files only.',
    library: '@pulumi/pulumi',
    but: '@pulumi/pulumi/proto/',
    places: ['programs', 'worker'],
  },
  {
    name: 'engine-protocol-only-in-sandbox',
    comment: 'The wire protocol of the engine is for those who stand in for a provider.',
    library: '@pulumi/pulumi/proto',
    places: ['sandbox', 'programs', 'worker'],
  },
  {
    name: 'cloud-clients-only-in-worker-cloud',
    comment: 'All direct talk to clouds goes through worker/cloud, so that one place knows how calls fail.',
    library: '(@aws-sdk|@smithy|@azure)',
    places: ['worker/cloud'],
  },
];

/** @param {string[]} names */
const within = (names) => `^(${names.join('|')})/`;
/** @param {string} library */
const packageFolder = (library) => `^node_modules/${library}/`;

const directions = Object.entries(mayImport).map(([room, allowed]) => ({
  name: `direction-${room}`,
  comment: `${room}/ may import ${allowed.length === 0 ? 'nothing of ours' : allowed.map((name) => `${name}/`).join(', ')}.`,
  severity: 'error',
  from: { path: within([room]) },
  to: { path: within(rooms.filter((other) => other !== room && !allowed.includes(other))) },
}));

const restrictedLibraries = libraries.map(({ name, comment, library, but, places }) => ({
  name,
  comment,
  severity: 'error',
  from: { path: within(rooms), pathNot: within([...places, 'test', 'bench']) },
  to: { path: packageFolder(library), ...(but ? { pathNot: `^node_modules/${but}` } : {}) },
}));

module.exports = {
  forbidden: [
    ...directions,
    ...restrictedLibraries,
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one concern, or a third is missing.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'bin-outside-tests',
      comment: 'bin/ wires the service up for people; it does not need its tests, benchmarks or tools.',
      severity: 'error',
      from: { path: within(['bin']) },
      to: { path: within(['test', 'bench', 'tools']) },
    },
    {
      name: 'clouds-apart',
      comment: 'aws and azure are twins that do not know each other; what they share lies above them.',
      severity: 'error',
      from: { path: '^(programs|worker/cloud)/(aws|azure)/' },
      to: { path: '^(programs|worker/cloud)/(aws|azure)/', pathNot: '^(programs|worker/cloud)/$2/' },
    },
    {
      name: 'resources-by-class-file',
      comment: 'A root or folder import of a Pulumi SDK loads all of it: import the class file, as in @pulumi/aws/ec2/vpc.js.',
      severity: 'error',
      from: { path: within(rooms) },
      to: { path: '^node_modules/@pulumi/(aws|azure-native|kubernetes)/.*index[.](js|d[.]ts)$' },
    },
    {
      name: 'no-development-libraries',
      comment: 'The service runs without devDependencies. The console runs in browsers: the build puts what it needs into its bundle.',
      severity: 'error',
      from: { path: within([...Object.keys(mayImport).filter((room) => room !== 'console'), 'bin']) },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvable',
      comment: 'The import leads nowhere, or its package is missing from package.json.',
      severity: 'error',
      from: { path: within(rooms) },
      to: { couldNotResolve: true },
    },
    {
      name: 'declared-libraries',
      comment: 'A library that is there by chance, through another one, can go any day: put it into package.json.',
      severity: 'error',
      from: { path: within(rooms) },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: '^(node_modules|dist)/|/dist/' },
    exclude: { path: '(^|/)dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
    },
  },
};
