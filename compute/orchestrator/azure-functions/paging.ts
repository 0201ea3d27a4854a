import * as v from 'valibot';
import { readJson } from '../../../contracts/problem.ts';
import { UnknownContinuationError, type InstanceStatus } from '../durable.ts';

/** The page's last instance. */
const Cursor = v.tuple([v.string(), v.string()]);

/** One page, newest first, of instances in any order: Durable Functions lists by id. */
export const pageOf = (
  all: readonly InstanceStatus[],
  top = 100,
  continuation?: string,
): { instances: InstanceStatus[]; continuation: string | undefined } => {
  const sorted = all.toSorted((a, b) => (isBefore(place(a), place(b)) ? -1 : 1));
  const after = continuation === undefined ? undefined : cursorOf(continuation);
  const rest = after ? sorted.filter((status) => isBefore(after, place(status))) : sorted;
  const instances = rest.slice(0, top);
  const last = instances.at(-1);
  const more = last && rest.length > top;
  return { instances, continuation: more ? encoded(place(last)) : undefined };
};

type Place = [createdTime: string, id: string];

const place = ({ createdTime, instanceId }: InstanceStatus): Place => [createdTime, instanceId];

const isBefore = ([time, id]: Place, [otherTime, otherId]: Place): boolean =>
  time === otherTime ? id > otherId : time > otherTime;

const encoded = (cursor: Place): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');

const cursorOf = (continuation: string): Place => {
  const read = readJson(Cursor, Buffer.from(continuation, 'base64url').toString());
  if (!read.ok) throw new UnknownContinuationError();
  return read.value;
};
