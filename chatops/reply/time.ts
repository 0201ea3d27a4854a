import { toCodeSpan } from '../markdown/untrusted-text.ts';

/** A time in words of the comment's readers: `2026-03-01 12:00 UTC`. What is no time is shown as it came. */
export const formatTime = (iso: string): string => {
  const time = Date.parse(iso);
  if (Number.isNaN(time)) return toCodeSpan(iso, 40);
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
};

/** A time that passes, in whole seconds, in its two largest units: `12 s`, `3 min 5 s`, `2 h 10 min`, `1 d 3 h`. */
export const formatDuration = (seconds: number): string => {
  if (seconds < 1) return 'less than 1 s';
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [Math.floor(seconds) % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
};

/** The seconds from `start` to `end`; undefined if either is no time. */
export const getSecondsBetween = (start: string, end: string): number | undefined => {
  const seconds = (Date.parse(end) - Date.parse(start)) / 1000;
  return Number.isNaN(seconds) ? undefined : seconds;
};

/** The time from `start` to `end` in words; nothing if unknown. */
export const formatTimeBetween = (start: string, end: string): string | undefined => {
  const seconds = getSecondsBetween(start, end);
  return seconds === undefined ? undefined : formatDuration(seconds);
};
