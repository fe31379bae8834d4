/** The engine built from its Go module, pinned with checksums by tools/pulumi/go.mod and go.sum. Takes minutes. */
import path from 'node:path';
import { run } from './command.mjs';
import { SetupError } from './error.mjs';
import { root } from './paths.mjs';

const program = 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi';
const versionVariable = 'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version';

/**
 * @param {string} version
 * @param {string} draft where the program is to be put
 * @param {import('./progress.mjs').Step} step
 */
export async function buildEngine(version, draft, step) {
  const packages = await countPackages(step);
  step.say(`building the engine with Go, ${packages} packages; this takes some minutes, once`);
  let compiled = 0;
  const tick = () => step.update(`compiling, ${compiled} of ${packages} packages`, compiled / packages);
  await go(['build', '-v', '-trimpath', '-buildvcs=false', '-ldflags', linkerFlags(version), '-o', draft, program], tick, step, (line) => {
    if (isPackage(line)) compiled += 1;
  });
}

/**
 * The engine must report its version, or the Automation API refuses it.
 * @param {string} version
 */
export function linkerFlags(version) {
  return `-s -w -X ${versionVariable}=v${version}`;
}

/**
 * Whether a line of `go build -v` names a package; the others begin with a program's name and a colon or with a hash.
 * @param {string} line
 */
export function isPackage(line) {
  return /^[\w.~-]+(\/[\w.~+-]+)*$/.test(line);
}

/** Fetches the modules as a side effect. @param {import('./progress.mjs').Step} step */
async function countPackages(step) {
  let packages = 0;
  let modules = 0;
  const tick = () => step.update(modules === 0 ? 'resolving modules' : `fetching modules, ${modules}`);
  await go(['list', '-deps', program], tick, step, (_line, stream) => {
    if (stream === 'stdout') packages += 1;
    else modules += 1;
  });
  return packages;
}

/**
 * @param {string[]} args
 * @param {() => void} tick
 * @param {import('./progress.mjs').Step} step
 * @param {(line: string, stream: 'stdout' | 'stderr') => void} onLine
 */
async function go(args, tick, step, onLine) {
  const ticking = setInterval(tick, 500);
  const result = await run('go', args, {
    cwd: path.join(root, 'tools', 'pulumi'),
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-mod=readonly' },
    onLine,
  });
  clearInterval(ticking);
  if (result.code === 0) return;
  for (const line of result.tail) step.say(line);
  throw new SetupError(`The Pulumi engine could not be built: \`go ${args[0]}\` failed as shown above; it needs the Go version of tools/pulumi/go.mod and its module proxy, or install Pulumi in the pinned version instead.`);
}
