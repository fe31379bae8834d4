import { Agent, request } from 'undici';

/** Latencies in milliseconds of `clients` clients that poll a job one call after the other, each with a pause, until the signal. */
export async function pollLatencies(url: string, clients: number, pauseMs: number, signal: AbortSignal): Promise<number[]> {
  const agent = new Agent({ connections: clients, pipelining: 1 });
  const latencies: number[] = [];
  const client = async (index: number): Promise<void> => {
    await pause((index / clients) * pauseMs, signal);
    while (!signal.aborted) {
      const started = performance.now();
      const answer = await request(url, { dispatcher: agent });
      await answer.body.dump();
      if (answer.statusCode !== 200) throw new Error(`GET ${url} was answered with ${answer.statusCode}`);
      latencies.push(performance.now() - started);
      await pause(pauseMs, signal);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  await agent.close();
  return latencies;
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
