import { createHash } from 'node:crypto';

/** Canonical's account, the owner of the official Ubuntu images. */
export const canonicalAccount = '099720109477';

export interface Image {
  readonly id: string;
  readonly name: string;
  readonly release: string;
  /** As in names of packages and parameters. */
  readonly architecture: 'amd64' | 'arm64';
  readonly serial: string;
}

const codenames: Readonly<Record<string, string>> = { '22.04': 'jammy', '24.04': 'noble' };

/** The Ubuntu image of a release and serial in a region; ids differ by region, as they really do. */
export function ubuntuImage(region: string, release: string, architecture: Image['architecture'], serial: string): Image {
  const hash = createHash('sha256').update(`${region} ${release} ${architecture} ${serial}`).digest('hex');
  return {
    id: `ami-0${hash.slice(0, 16)}`,
    name: `ubuntu/images/hvm-ssd-gp3/ubuntu-${codenames[release] ?? release}-${release}-${architecture}-server-${serial}`,
    release,
    architecture,
    serial,
  };
}

/** All images of a region, the newest first. */
export function imagesOf(region: string, serials: readonly string[]): Image[] {
  const architectures = ['amd64', 'arm64'] as const;
  return [...serials].reverse().flatMap((serial) => Object.keys(codenames).flatMap((release) => architectures.map((architecture) => ubuntuImage(region, release, architecture, serial))));
}

/**
 * The value of one of Canonical's public parameters
 * (https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/); undefined for any other name.
 */
export function publicParameter(region: string, name: string, serial: string): string | undefined {
  const match = /^\/aws\/service\/canonical\/ubuntu\/server\/(22\.04|24\.04|jammy|noble)\/stable\/current\/(amd64|arm64)\/hvm\/ebs-gp[23]\/ami-id$/.exec(name);
  if (match === null) return undefined;
  const release = Object.entries(codenames).find(([number, codename]) => match[1] === number || match[1] === codename)?.[0] ?? '';
  return ubuntuImage(region, release, match[2] === 'arm64' ? 'arm64' : 'amd64', serial).id;
}
