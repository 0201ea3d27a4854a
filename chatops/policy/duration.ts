import * as v from 'valibot';
import { textMatching } from './schema-helpers.ts';

const units: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 };

const toSeconds = (text: string): number => Number(text.slice(0, -1)) * (units[text.slice(-1)] ?? Number.NaN);

/** A time such as `90s`, `10m`, `4h`, `7d`, at most `most`; read as seconds. */
export const durationUpTo = (max: string) =>
  v.pipe(
    textMatching(/^[1-9][0-9]{0,8}[smhd]$/, 'a time such as 90s, 10m, 4h or 7d'),
    // What is no time at all is told by then, and is no number here.
    v.check((text) => !(toSeconds(text) > toSeconds(max)), `at most ${max}`),
    v.transform(toSeconds),
  );
