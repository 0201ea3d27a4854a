import * as v from 'valibot';
import { parseDuration } from '../../contracts/duration.ts';
import { textMatching } from './schema-helpers.ts';

const toSeconds = (text: string): number => parseDuration(text) ?? Number.NaN;

/** Returns the schema of a duration such as `90s`, `10m`, `4h` or `7d`, of at most `max`; its output is in seconds. */
export const durationUpTo = (max: string) =>
  v.pipe(
    textMatching(/^[1-9][0-9]{0,8}[smhd]$/, 'a time such as 90s, 10m, 4h or 7d'),
    // A text that is not a duration has been reported before, and is NaN here.
    v.check((text) => !(toSeconds(text) > toSeconds(max)), `at most ${max}`),
    v.transform(toSeconds),
  );
