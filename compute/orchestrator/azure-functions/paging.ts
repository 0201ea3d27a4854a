import * as v from 'valibot';
import { parseJson } from '../../../contracts/problem.ts';
import { UnknownContinuationError, type InstanceStatus } from '../durable.ts';

/** The creation time and id of a page's last instance. */
const Cursor = v.tuple([v.string(), v.string()]);

/** Returns one page, newest first, of instances in any order: Durable Functions lists by id. */
export const toPage = (
  all: readonly InstanceStatus[],
  top = 100,
  continuation?: string,
): { instances: InstanceStatus[]; continuation: string | undefined } => {
  const sorted = all.toSorted((a, b) => (isBefore(toCursor(a), toCursor(b)) ? -1 : 1));
  const after = continuation === undefined ? undefined : decodeCursor(continuation);
  const rest = after ? sorted.filter((status) => isBefore(after, toCursor(status))) : sorted;
  const instances = rest.slice(0, top);
  const last = instances.at(-1);
  const more = last && rest.length > top;
  return { instances, continuation: more ? encodeCursor(toCursor(last)) : undefined };
};

type PageCursor = [createdTime: string, id: string];

const toCursor = ({ createdTime, instanceId }: InstanceStatus): PageCursor => [createdTime, instanceId];

const isBefore = ([time, id]: PageCursor, [otherTime, otherId]: PageCursor): boolean =>
  time === otherTime ? id > otherId : time > otherTime;

const encodeCursor = (cursor: PageCursor): string =>
  Buffer.from(JSON.stringify(cursor)).toString('base64url');

const decodeCursor = (continuation: string): PageCursor => {
  const read = parseJson(Cursor, Buffer.from(continuation, 'base64url').toString());
  if (!read.ok) throw new UnknownContinuationError();
  return read.value;
};
