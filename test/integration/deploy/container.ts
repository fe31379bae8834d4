import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { findEngine } from '../../../worker/index.js';
import { packageRoot } from '../../../worker/package-root.js';
import { until } from '../../support/until.js';

/** What the image does, without an image: mounts of its own, in which all is read-only but the home and /tmp, and a user without a name or a right. */
const enter = `
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=0755 tmpfs /mnt
mkdir /mnt/app /mnt/engine /mnt/home
mount --bind "$APP" /mnt/app
mount --bind "$ENGINE" /mnt/engine
mount --bind "$HOME_FOLDER" /mnt/home
mount -t tmpfs -o mode=1777 tmpfs /tmp
for place in /mnt/app /mnt/engine /mnt; do mount -o remount,bind,ro "$place"; done
mount -o remount,bind,ro /
cd /mnt/app
exec setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "$@"
`;

/** A process as it runs in the container. */
export class Contained {
  readonly #lines: string[] = [];
  readonly ended: Promise<number | null>;

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on('line', (line) => this.#lines.push(line));
    this.ended = once(child, 'exit').then(([code]: unknown[]) => (typeof code === 'number' ? code : null));
  }

  /** Starts a command of the image. @param home folder that stands for its volume @param variables beside those of the image */
  static async start(home: string, command: readonly string[], variables: Readonly<Record<string, string>>): Promise<Contained> {
    const { command: engine } = await findEngine();
    const image = {
      PATH: `/mnt/engine:${path.dirname(process.execPath)}:/usr/sbin:/usr/bin:/sbin:/bin`, NODE_ENV: 'production', USER: 'clusterwright', HOME: '/mnt/home', CLUSTERWRIGHT_HOME: '/mnt/home', PULUMI_HOME: '/mnt/engine', ...variables,
    };
    return new Contained(spawn('unshare', ['--mount', 'sh', '-c', enter, 'enter', 'env', '-i', ...Object.entries(image).map(([name, value]) => `${name}=${value}`), ...command], {
      stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, APP: packageRoot(), ENGINE: path.dirname(engine), HOME_FOLDER: home },
    }));
  }

  get output(): string {
    return this.#lines.join('\n');
  }

  /** Waits for a line. Throws with all that was printed where the process ends before. */
  async says(text: string): Promise<void> {
    let over = false;
    void this.ended.then(() => (over = true));
    await until(() => {
      if (over) throw new Error(`the process has ended:\n${this.output}`);
      return this.#lines.some((line) => line.includes(text));
    }, 120_000);
  }

  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.ended;
  }
}
