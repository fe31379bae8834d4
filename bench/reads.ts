import { Agent, request } from 'undici';
import { quantile } from './statistics.js';

/** p99 in milliseconds of `count` reads, four at a time. */
export async function readP99(url: string, agent: Agent, count: number): Promise<number> {
  const latencies: number[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: 4 }, async () => {
    while (next < count) {
      next += 1;
      latencies.push(await timedRead(url, agent));
    }
  }));
  return quantile(latencies, 0.99);
}

/** Latencies in milliseconds of `clients` clients that poll a job one call after the other, each with a pause, until the signal. */
export async function pollLatencies(url: string, clients: number, pauseMs: number, signal: AbortSignal): Promise<number[]> {
  const agent = new Agent({ connections: clients, pipelining: 1 });
  const latencies: number[] = [];
  const client = async (index: number): Promise<void> => {
    await pause((index / clients) * pauseMs, signal);
    while (!signal.aborted) {
      latencies.push(await timedRead(url, agent));
      await pause(pauseMs, signal);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  await agent.close();
  return latencies;
}

async function timedRead(url: string, agent: Agent): Promise<number> {
  const started = performance.now();
  const answer = await request(url, { dispatcher: agent });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`GET ${url} was answered with ${answer.statusCode}`);
  return performance.now() - started;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
