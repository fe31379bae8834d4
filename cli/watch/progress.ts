import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import type { JobEvent } from '../../client/index.js';

/** Shows what happens in a job while it happens. */
export interface Progress {
  show(event: JobEvent): void;
  /** Says something that is no event of the job. */
  note(text: string): void;
  end(): void;
}

/** Bars on a terminal, plain lines elsewhere. */
export function progress(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? new BarProgress(stream) : new LineProgress(stream);
}

const short = (type: string): string => type.split(':').at(-1) ?? type;

/** One bar a phase: resources done of those known so far, and the one that was last begun or ended. Of phases that run side by side the later one has resources, the earlier one waits for nodes. */
class BarProgress implements Progress {
  private readonly bars: MultiBar;
  private readonly running = new Map<string, SingleBar>();

  constructor(private readonly stream: NodeJS.WriteStream) {
    this.bars = new MultiBar({ stream, hideCursor: true, forceRedraw: true, format: '  {title} {bar} {value}/{total} {duration_formatted}  {at}', barsize: 24 }, Presets.shades_classic);
  }

  show({ event }: JobEvent): void {
    const [first] = this.running.values();
    const last = [...this.running.values()].at(-1);
    switch (event.type) {
      case 'phase':
        if (event.state === 'running') this.running.set(event.phase, this.bars.create(1, 0, { title: event.title.padEnd(32), at: '' }));
        else this.finish(event.phase, event.state);
        return;
      case 'resource':
        last?.setTotal(Math.max(1, event.total));
        last?.update(event.done, { at: `${short(event.resourceType)} ${event.name}` });
        return;
      case 'node':
        first?.update({ at: `${event.node}: ${event.step}` });
        return;
      case 'message':
        if (event.severity !== 'info') this.note(`${event.severity}: ${event.text}`);
        return;
      case 'state':
        return;
      default:
        return event satisfies never;
    }
  }

  /** Above the bars, where it stays. Without a bar there is nothing to draw it beside. */
  note(text: string): void {
    if (this.running.size > 0) this.bars.log(`  ${text}\n`);
    else this.stream.write(`  ${text}\n`);
  }

  end(): void {
    this.bars.stop();
  }

  private finish(phase: string, state: string): void {
    const bar = this.running.get(phase);
    if (state === 'succeeded') bar?.update(bar.getTotal(), { at: 'done' });
    else bar?.update({ at: state });
    bar?.stop();
    this.running.delete(phase);
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

  note(text: string): void {
    this.line(new Date().toISOString(), text);
  }

  end(): void {}

  private line(at: string, text: string): void {
    this.stream.write(`${at.slice(11, 19)} ${text}\n`);
  }
}
