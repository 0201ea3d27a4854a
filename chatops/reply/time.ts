import { formatDuration } from '../../contracts/duration.ts';
import { toCodeSpan } from '../markdown/untrusted-text.ts';

/** Formats a time for people: `2026-03-01 12:00 UTC`. A text that is not a time is shown unchanged. */
export const formatTime = (iso: string): string => {
  const time = Date.parse(iso);
  if (Number.isNaN(time)) return toCodeSpan(iso, 40);
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
};

/** Returns the seconds from `start` to `end`; undefined if either is not a time. */
export const getSecondsBetween = (start: string, end: string): number | undefined => {
  const seconds = (Date.parse(end) - Date.parse(start)) / 1000;
  return Number.isNaN(seconds) ? undefined : seconds;
};

/** Formats a duration that is only an estimate: `about 3 min`. */
export const formatEstimatedDuration = (seconds: number): string => {
  const unit = seconds < 60 ? 1 : seconds < 5_400 ? 60 : seconds < 172_800 ? 3_600 : 86_400;
  return `about ${formatDuration(Math.max(1, Math.round(seconds / unit)) * unit)}`;
};

/** Formats the time from `start` to `end`; undefined if either is not a time. */
export const formatTimeBetween = (start: string, end: string): string | undefined => {
  const seconds = getSecondsBetween(start, end);
  return seconds === undefined ? undefined : formatDuration(seconds);
};
