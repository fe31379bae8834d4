import { execFile } from 'node:child_process';

/**
 * Runs a command of this machine to its end and answers what it printed. Throws with the last lines that it wrote to stderr.
 * @param input given to it on stdin
 */
export function command(program: string, args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args], { maxBuffer: 16 * 2 ** 20 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} ${args.join(' ')}: ${stderr.trim().split('\n').slice(-3).join('; ') || error.message}`));
    });
    child.stdin?.end(input);
  });
}
