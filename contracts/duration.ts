/** The seconds of each unit with which people write durations. */
const secondsPerUnit: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Parses a duration such as `90s`, `10m`, `4h` or `7d`. Returns seconds; undefined if it is not a duration. */
export const parseDuration = (text: string): number | undefined => {
  const [, digits, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const seconds = secondsPerUnit[unit];
  return digits === undefined || seconds === undefined ? undefined : Number(digits) * seconds;
};

/** Formats seconds in their two largest units: `12 s`, `3 min 5 s`, `2 h 10 min`, `1 d 3 h`. */
export const formatDuration = (seconds: number): string => {
  if (seconds < 1) return 'less than 1 s';
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [Math.floor(seconds) % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  const listed = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return listed.map(([count, unit]) => `${count} ${unit}`).join(' ');
};
