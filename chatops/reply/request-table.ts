import * as v from 'valibot';
import type { Job } from '../../compute/client/index.ts';
import { notesOf } from '../job/notes.ts';
import { inline } from '../markdown/untrusted-text.ts';
import { table } from '../markdown/table.ts';
import { exact } from './exact-text.ts';
import { duration } from './time.ts';

const scalar = v.union([v.string(), v.number(), v.boolean()]);
const optional = <T extends v.GenericSchema>(schema: T) => v.fallback(v.nullish(schema), undefined);

/** A job's request as far as it is shown: what is missing or of another form is left out. */
const Request = v.object({
  taskName: optional(v.string()),
  algorithm: optional(v.string()),
  inputCount: optional(v.number()),
  blockSize: optional(v.number()),
  timeoutSeconds: optional(v.number()),
  parameters: optional(
    v.union([v.array(v.object({ name: v.string(), value: scalar })), v.record(v.string(), scalar)]),
  ),
});

/** `sha256` and its first twelve digits; what is no sha256 as it is. */
export const digestText = (digest: string): string =>
  /^[0-9a-f]{64}$/.test(digest) ? `sha256 ${inline(digest.slice(0, 12))}` : inline(digest);

/** A commit by its first twelve digits. */
export const commitText = (commit: string): string => inline(commit.slice(0, 12));

export type Row = [what: string, exactly: string];

/** Values are never truncated: a reply without room for them does not show the approval code. */
export const parameterRow = (name: string, value: string): Row => [exact(name), exact(value, Infinity)];

/** The row of a value from the task's definition. */
export const withDefault = ([what, exactly]: Row): Row => [what, `${exactly} (default)`];

/** A table of what exactly a job runs, with what, and by whose rules. */
export const exactly = ({ request, origin }: Job): string => {
  const { taskName, algorithm, inputCount, blockSize, timeoutSeconds, parameters } = v.parse(
    Request,
    request,
  );
  const { image, script, inputs, policy, defaults } = notesOf(origin);
  const given = Array.isArray(parameters)
    ? parameters.map(({ name, value }): [string, unknown] => [name, value])
    : Object.entries(parameters ?? {});
  const rows: (Row | undefined)[] = [
    row('task', taskName, (text) => exact(text)),
    row('algorithm', algorithm, (text) => exact(text)),
    row('inputs', inputCount, String),
    row('inputs from', inputs, ({ path, commit }) => `${exact(path, Infinity)} at ${commitText(commit)}`),
    row('inputs a block', blockSize, String),
    ...given.map(([name, value]) => parameterRow(name, String(value))),
    ...defaults.map(({ name, value }) => withDefault(parameterRow(name, value))),
    row('image', image, (name) => exact(name, Infinity)),
    row('script', script, digestText),
    row('timeout', timeoutSeconds, duration),
    row('policy', policy, commitText),
  ];
  return whatTable(rows);
};

/** A row of its table, if there is anything to say. */
export const row = <T>(
  what: string,
  value: T | null | undefined,
  text: (value: T) => string,
): Row | undefined => (value === null || value === undefined ? undefined : [what, text(value)]);

export const whatTable = (rows: readonly (Row | undefined)[]): string =>
  table(
    ['What', 'Exactly'],
    rows.filter((row) => row !== undefined),
  );
