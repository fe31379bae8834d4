import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';

/** A process of a service as /proc tells of it. */
export interface RunningProcess {
  readonly pid: number;
  readonly command: string;
  readonly session: number;
}

/** Processes that work in an operation's folder of this home: guard, operation, engine, plugins. */
export async function operationProcesses(home: string): Promise<RunningProcess[]> {
  const all = await Promise.all((await pids()).map(async (pid) => {
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    return folder.startsWith(path.join(home, 'work')) ? describe(pid) : undefined;
  }));
  return all.filter((found) => found !== undefined);
}

/** The direct children of a process. */
export async function childrenOf(pid: number): Promise<RunningProcess[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const all = await Promise.all(children.trim().split(' ').filter((text) => text !== '').map((text) => describe(Number(text))));
  return all.filter((found) => found !== undefined);
}

/** The worker's process of a service, which is its child. Throws where it has none. */
export async function workerOf(service: { readonly pid?: number | undefined }): Promise<number> {
  const worker = (await childrenOf(service.pid ?? 0)).find(({ command }) => command.includes('bin/worker.js'));
  if (worker === undefined) throw new Error('the service has no worker');
  return worker.pid;
}

/** Whether a process is there, zombies aside. */
export async function isRunning(pid: number): Promise<boolean> {
  return (await describe(pid)) !== undefined;
}

async function pids(): Promise<number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

async function describe(pid: number): Promise<RunningProcess | undefined> {
  try {
    const [stat, command] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile(`/proc/${pid}/cmdline`, 'utf8')]);
    const [state, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : { pid, command: command.replaceAll('\0', ' ').trim(), session: Number(session) };
  } catch {
    return undefined;
  }
}
