/** Turns the seconds that a real cloud takes into the milliseconds that the sandbox takes. */
export class Latency {
  /** @param factor 1 is as slow as the real cloud, 0 never waits. */
  constructor(readonly factor: number) {}

  milliseconds(realSeconds: number): number {
    return realSeconds * 1000 * this.factor;
  }
}
