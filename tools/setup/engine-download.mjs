/** The engine from the vendor's release archive. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { run } from './command.mjs';
import { reason, save } from './download.mjs';

/**
 * The archive's address, as the Automation API's own installer builds it.
 * @param {string} version
 * @param {string} platform `process.platform`
 * @param {string} arch `process.arch`
 * @returns {string | undefined} undefined where there is no archive that we can unpack
 */
export function archiveUrl(version, platform, arch) {
  if (!['linux', 'darwin'].includes(platform) || !['x64', 'arm64'].includes(arch)) return undefined;
  return `https://get.pulumi.com/releases/sdk/pulumi-v${version}-${platform}-${arch}.tar.gz`;
}

/**
 * Downloads the archive and takes the engine out of it. The caller asks the result for its version.
 * @param {string} version
 * @param {string} draft where the program is to be put
 * @param {import('./progress.mjs').Step} step
 * @returns {Promise<string | undefined>} why there is none; undefined when it is there
 */
export async function downloadEngine(version, draft, step) {
  const url = archiveUrl(version, process.platform, process.arch);
  if (url === undefined) return `none for ${process.platform} ${process.arch}`;
  step.update(`asking ${new URL(url).host}`);
  const archive = `${draft}.tar.gz`;
  try {
    await save(url, archive, step);
    const { code, tail } = await run('tar', ['-xzf', archive, '-C', path.dirname(draft), '--strip-components=1', 'pulumi/pulumi']);
    return code === 0 ? undefined : `tar: ${tail.at(-1) ?? `exit code ${code}`}`;
  } catch (error) {
    return reason(error);
  } finally {
    await rm(archive, { force: true });
  }
}
