/** Programs built from Go modules, pinned with checksums by a go.mod and go.sum of ours below tools/. Takes minutes. */
import { run } from './command.mjs';
import { SetupError } from './error.mjs';

/**
 * @typedef {object} GoBuild
 * @property {string} title what is built, as the messages name it
 * @property {string} folder the folder with our go.mod
 * @property {readonly string[]} programs packages
 * @property {string} linkerFlags
 * @property {string} [tags] build tags, with commas between
 * @property {string} out where the programs are to be put: a file, or with a closing slash a folder
 * @property {string} instead what to do where it cannot be built
 */

/**
 * @param {GoBuild} build
 * @param {import('./progress.mjs').Step} step
 */
export async function goBuild(build, step) {
  const packages = await countPackages(build, step);
  step.say(`building ${build.title} with Go, ${packages} packages; this takes some minutes, once`);
  let compiled = 0;
  const tick = () => step.update(`compiling, ${compiled} of ${packages} packages`, compiled / packages);
  await go(build, ['build', '-v', '-tags', build.tags ?? '', '-trimpath', '-buildvcs=false', '-ldflags', build.linkerFlags, '-o', build.out, ...build.programs], tick, step, (line) => {
    if (isPackage(line)) compiled += 1;
  });
}

/**
 * Whether a line of `go build -v` names a package; the others begin with a program's name and a colon or with a hash.
 * @param {string} line
 */
export function isPackage(line) {
  return /^[\w.~-]+(\/[\w.~+-]+)*$/.test(line);
}

/** Fetches the modules as a side effect. @param {GoBuild} build @param {import('./progress.mjs').Step} step */
async function countPackages(build, step) {
  let packages = 0;
  let modules = 0;
  const tick = () => step.update(modules === 0 ? 'resolving modules' : `fetching modules, ${modules}`);
  await go(build, ['list', '-deps', '-tags', build.tags ?? '', ...build.programs], tick, step, (_line, stream) => {
    if (stream === 'stdout') packages += 1;
    else modules += 1;
  });
  return packages;
}

/**
 * @param {GoBuild} build
 * @param {string[]} args
 * @param {() => void} tick
 * @param {import('./progress.mjs').Step} step
 * @param {(line: string, stream: 'stdout' | 'stderr') => void} onLine
 */
async function go({ title, folder, instead }, args, tick, step, onLine) {
  const ticking = setInterval(tick, 500);
  const result = await run('go', args, { cwd: folder, env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-mod=readonly' }, onLine });
  clearInterval(ticking);
  if (result.code === 0) return;
  for (const line of result.tail) step.say(line);
  throw new SetupError(`${title} could not be built: \`go ${args[0]}\` failed as shown above; it needs the Go version of ${folder}/go.mod and its module proxy, or ${instead}.`);
}
