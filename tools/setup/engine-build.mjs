/** The engine built from its Go module, pinned by tools/pulumi. */
import path from 'node:path';
import { goBuild } from './go-build.mjs';
import { root } from './paths.mjs';

const program = 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi';
const versionVariable = 'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version';

/**
 * @param {string} version
 * @param {string} draft where the program is to be put
 * @param {import('./progress.mjs').Step} step
 */
export async function buildEngine(version, draft, step) {
  await goBuild({
    title: 'The Pulumi engine',
    folder: path.join(root, 'tools', 'pulumi'),
    programs: [program],
    linkerFlags: linkerFlags(version),
    out: draft,
    instead: 'install Pulumi in the pinned version instead',
  }, step);
}

/**
 * The engine must report its version, or the Automation API refuses it.
 * @param {string} version
 */
export function linkerFlags(version) {
  return `-s -w -X ${versionVariable}=v${version}`;
}
