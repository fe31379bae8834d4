import { useEffect, useState } from 'preact/hooks';

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [['day', 86_400], ['hour', 3600], ['minute', 60]];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'long' });

/** How long ago something was, in the largest unit that it fills: "3 hours ago". */
export function ago(at: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1000));
  const [unit, size] = units.find(([, least]) => seconds >= least) ?? ['second', 1];
  return seconds < 5 ? 'just now' : relative.format(-Math.floor(seconds / size), unit);
}

/** A duration as people read it: "48 s", "12 min 3 s", "2 h 5 min", "59 d 3 h". */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

/** The time, anew every so often while something shows it. */
export function useNow(everyMs = 15_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** How long it is until a time: "in 3 h 59 min", or that it is over. */
export function Until({ at }: { readonly at: string }) {
  const left = Date.parse(at) - useNow();
  return <time dateTime={at} title={at}>{left <= 0 ? 'is over' : `in ${duration(left)}`}</time>;
}

/** A time as its distance, and exactly for who points at it. */
export function Ago({ at }: { readonly at: string }) {
  const now = useNow();
  return <time dateTime={at} title={at}>{ago(at, now)}</time>;
}
