import * as v from 'valibot';
import type { Job } from '../../compute/client/index.ts';
import { Sha256 } from '../../contracts/json-values.ts';
import { parseNotes } from '../job/notes.ts';
import { toCodeSpan } from '../markdown/untrusted-text.ts';
import { formatTable } from '../markdown/table.ts';
import { formatExact } from './exact-text.ts';
import { formatDuration } from '../../contracts/duration.ts';

const scalar = v.union([v.string(), v.number(), v.boolean()]);
const optional = <T extends v.GenericSchema>(schema: T) => v.fallback(v.nullish(schema), undefined);

/** The fields of a job's request that are shown. Missing fields, and fields of another form, are omitted. */
const ShownRequest = v.object({
  taskName: optional(v.string()),
  algorithm: optional(v.string()),
  inputCount: optional(v.number()),
  blockSize: optional(v.number()),
  timeoutSeconds: optional(v.number()),
  parameters: optional(
    v.union([v.array(v.object({ name: v.string(), value: scalar })), v.record(v.string(), scalar)]),
  ),
});

/** Formats a SHA-256 digest by its first twelve digits; any other text as it is. */
export const formatDigest = (digest: string): string =>
  v.is(Sha256, digest) ? `sha256 ${toCodeSpan(digest.slice(0, 12))}` : toCodeSpan(digest);

/** Formats a commit by its first twelve digits. */
export const formatCommit = (commit: string): string => toCodeSpan(commit.slice(0, 12));

export type RequestRow = [what: string, exactly: string];

/** Values are never truncated: a reply without room for them does not show the approval code. */
export const toParameterRow = (name: string, value: string): RequestRow => [
  formatExact(name),
  formatExact(value, Infinity),
];

/** Marks a row as a default from the task's definition. */
export const markAsDefault = ([what, exactly]: RequestRow): RequestRow => [what, `${exactly} (default)`];

/**
 * Renders a table of exactly what a job runs: its task or algorithm, its values, and the policy's commit.
 * @param more further rows, before the policy's
 */
export const renderRequestTable = (
  { request, origin }: Pick<Job, 'request' | 'origin'>,
  more: readonly RequestRow[] = [],
): string => {
  const { taskName, algorithm, inputCount, blockSize, timeoutSeconds, parameters } = v.parse(
    ShownRequest,
    request,
  );
  const { image, script, identity, inputs, policy, defaults } = parseNotes(origin);
  const given = Array.isArray(parameters)
    ? parameters.map(({ name, value }): [string, unknown] => [name, value])
    : Object.entries(parameters ?? {});
  const rows: (RequestRow | undefined)[] = [
    toRow('task', taskName, (text) => formatExact(text)),
    toRow('algorithm', algorithm, (text) => formatExact(text)),
    toRow('inputs', inputCount, String),
    toRow(
      'inputs from',
      inputs,
      ({ path, commit }) => `${formatExact(path, Infinity)} at ${formatCommit(commit)}`,
    ),
    toRow('inputs per block', blockSize, String),
    ...given.map(([name, value]) => toParameterRow(name, String(value))),
    ...defaults.map(({ name, value }) => markAsDefault(toParameterRow(name, value))),
    toRow('image', image, (name) => formatExact(name, Infinity)),
    toRow('script', script, formatDigest),
    toRow('identity', identity, (name) => formatExact(name, Infinity)),
    toRow('timeout', timeoutSeconds, formatDuration),
    ...more,
    toRow('policy', policy, formatCommit),
  ];
  return renderRows(rows);
};

/** Returns a row for a value; undefined if the value is missing. */
export const toRow = <T>(
  what: string,
  value: T | null | undefined,
  format: (value: T) => string,
): RequestRow | undefined => (value === null || value === undefined ? undefined : [what, format(value)]);

export const renderRows = (rows: readonly (RequestRow | undefined)[]): string =>
  formatTable(
    ['Property', 'Value'],
    rows.filter((row) => row !== undefined),
  );
