import { Presets, SingleBar } from 'cli-progress';
import type { JobEvent } from '../../model/event.js';

/** Shows what happens in a job while it happens. */
export interface Progress {
  show(event: JobEvent): void;
  end(): void;
}

/** Bars on a terminal, plain lines elsewhere. */
export function progress(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? new BarProgress(stream) : new LineProgress(stream);
}

const short = (type: string): string => type.split(':').at(-1) ?? type;

/** One bar a phase: resources done of those known so far, and the one that was last begun or ended. */
class BarProgress implements Progress {
  private bar: SingleBar | undefined;

  constructor(private readonly stream: NodeJS.WriteStream) {}

  show({ event }: JobEvent): void {
    switch (event.type) {
      case 'phase':
        if (event.state === 'running') this.begin(event.title);
        else this.finish(event.state);
        return;
      case 'resource':
        this.bar?.setTotal(Math.max(1, event.total));
        this.bar?.update(event.done, { at: `${short(event.resourceType)} ${event.name}` });
        return;
      case 'node':
        this.bar?.update({ at: `${event.node}: ${event.step}` });
        return;
      case 'message':
        if (event.severity !== 'info') this.bar?.update({ at: event.text });
        return;
      case 'state':
        return;
      default:
        return event satisfies never;
    }
  }

  end(): void {
    this.bar?.stop();
    this.bar = undefined;
  }

  private begin(title: string): void {
    this.end();
    this.bar = new SingleBar({ stream: this.stream, hideCursor: true, format: `  {title} {bar} {value}/{total} {duration_formatted}  {at}`, barsize: 24 }, Presets.shades_classic);
    this.bar.start(1, 0, { title: title.padEnd(32), at: '' });
  }

  private finish(state: string): void {
    if (!this.bar) return;
    if (state === 'succeeded') this.bar.update(this.bar.getTotal(), { at: 'done' });
    else this.bar.update({ at: state });
    this.end();
  }
}

/** A line a phase, and one every ten resources. */
class LineProgress implements Progress {
  private reported = 0;

  constructor(private readonly stream: NodeJS.WritableStream) {}

  show({ at, event }: JobEvent): void {
    switch (event.type) {
      case 'phase':
        this.reported = 0;
        return this.line(at, `${event.title}: ${event.state}`);
      case 'resource':
        if (event.state === 'failed') return this.line(at, `  ${short(event.resourceType)} ${event.name}: failed`);
        if (event.state !== 'succeeded' || event.done < this.reported + 10) return;
        this.reported = event.done;
        return this.line(at, `  ${event.done}/${event.total} resources, last: ${short(event.resourceType)} ${event.name}`);
      case 'node':
        return this.line(at, `  ${event.node}: ${event.step}${event.message ? ` (${event.message})` : ''}`);
      case 'message':
        return event.severity === 'info' ? undefined : this.line(at, `  ${event.severity}: ${event.text}`);
      case 'state':
        return this.line(at, `job ${event.state}`);
      default:
        return event satisfies never;
    }
  }

  end(): void {}

  private line(at: string, text: string): void {
    this.stream.write(`${at.slice(11, 19)} ${text}\n`);
  }
}
