/** Running other programs, so that none of them outlives this process. */
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

const kept = 40;
/** @type {Record<'SIGINT' | 'SIGTERM', number>} */
const exitCodes = { SIGINT: 130, SIGTERM: 143 };

/**
 * @typedef {object} Result
 * @property {number} code exit code; 127 when the program is not there, 128 when a signal ended it
 * @property {string[]} tail the last lines of both output streams, in the order in which they came
 */

/**
 * Runs a program to its end, its output read line by line and not shown.
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string, stream: 'stdout' | 'stderr') => void}} [options]
 * @returns {Promise<Result>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
    const release = endWithUs(child);
    /** @type {string[]} */
    const tail = [];
    for (const stream of /** @type {const} */ (['stdout', 'stderr'])) {
      createInterface({ input: child[stream] }).on('line', (line) => {
        tail.push(line);
        if (tail.length > kept) tail.shift();
        options.onLine?.(line, stream);
      });
    }
    child.once('error', (error) => {
      release();
      resolve({ code: 127, tail: [error.message] });
    });
    child.once('close', (code) => {
      release();
      resolve({ code: code ?? 128, tail });
    });
  });
}

/**
 * Runs a program on our own terminal.
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv}} [options]
 * @returns {Promise<number>} its exit code, as in {@link run}
 */
export function runShown(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: 'inherit' });
    const release = endWithUs(child);
    child.once('error', (error) => {
      release();
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(127);
    });
    child.once('close', (code) => {
      release();
      resolve(code ?? 128);
    });
  });
}

/**
 * The full path of a program on PATH.
 * @param {string} name
 * @param {string} [searchPath]
 * @returns {string | undefined}
 */
export function onPath(name, searchPath = process.env.PATH ?? '') {
  return searchPath
    .split(path.delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, name))
    .find(isProgram);
}

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * Ends a child when this process is told to end, and then this process with the usual exit code.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {() => void} takes the handlers away again
 */
function endWithUs(child) {
  const handlers = /** @type {('SIGINT' | 'SIGTERM')[]} */ (['SIGINT', 'SIGTERM']).map((signal) => {
    const end = () => {
      child.kill(signal);
      process.exit(exitCodes[signal]);
    };
    process.once(signal, end);
    return () => process.off(signal, end);
  });
  const kill = () => child.kill();
  process.once('exit', kill);
  return () => {
    process.off('exit', kill);
    for (const off of handlers) off();
  };
}
