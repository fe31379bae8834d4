/** How set-up tells what it does: a bar on a terminal, plain lines elsewhere, nothing at all for a quiet step without work. */
const barWidth = 24;
const redrawMs = 150;
const plainLineMs = 15_000;
const nameWidth = 9;

/**
 * @typedef {object} Step
 * @property {(text: string) => void} say one line that stays
 * @property {(text: string, fraction?: number) => void} update what is going on now; fraction from 0 to 1 where it is known
 * @property {(text: string, worked?: boolean) => void} done the result; without work it is told only when not quiet
 */

/**
 * @param {{write(text: string): unknown, isTTY?: boolean}} stream
 * @param {{quiet?: boolean, now?: () => number}} [options]
 */
export function createProgress(stream, options = {}) {
  const now = options.now ?? Date.now;
  const live = stream.isTTY === true && !process.env.CI;

  /** @param {string} name @returns {Step} */
  function step(name) {
    const started = now();
    const label = name.padEnd(nameWidth);
    let drawnAt = -Infinity;
    let drawn = false;

    const clear = () => {
      if (drawn) stream.write('\r\u001b[K');
      drawn = false;
    };
    /** @param {string} text */
    const line = (text) => {
      clear();
      stream.write(`${label} ${text}\n`);
    };
    return {
      say: line,
      update(text, fraction) {
        const at = now();
        if (at - drawnAt < (live ? redrawMs : plainLineMs)) return;
        drawnAt = at;
        const seconds = elapsed(at - started);
        if (!live) return line(`${percent(fraction)}${text} (${seconds})`);
        stream.write(`\r\u001b[K${label} ${fraction === undefined ? '' : `${bar(fraction)} `}${percent(fraction)}${text} (${seconds})`);
        drawn = true;
      },
      done(text, worked = true) {
        clear();
        if (worked || !options.quiet) line(worked ? `${text} (${elapsed(now() - started)})` : text);
      },
    };
  }
  return { step };
}

/** @typedef {ReturnType<typeof createProgress>} Progress */

/**
 * A bar of fixed width; fractions outside 0 to 1 are cut.
 * @param {number} fraction
 */
export function bar(fraction) {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * barWidth);
  return '█'.repeat(full) + '░'.repeat(barWidth - full);
}

/**
 * A duration as people say it: `8.4 s`, `2 min 05 s`.
 * @param {number} ms
 */
export function elapsed(ms) {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** @param {number | undefined} fraction */
function percent(fraction) {
  return fraction === undefined ? '' : `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)} % `;
}
