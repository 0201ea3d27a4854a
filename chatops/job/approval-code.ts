import { hash } from 'node:crypto';
import type { JobWork } from './plan.ts';

/** Everything that an approval covers. Approving its code approves exactly this request. */
type ApprovableRequest = {
  job: string;
  /** What runs: sha256 of definition and script, image, algorithm, sha256 of inputs, as far as they apply. */
  work: Readonly<Record<string, string | number | null>>;
  /** Values by name, with defaults and unmasked. */
  values: Readonly<Record<string, string>>;
  /** The policy's commit. */
  policy: string | null;
  /** The requester's GitHub id. */
  requester: number;
};

/** Returns the sha256, in hex, of a request's JSON with sorted names. */
export const hashRequest = ({ job, work, values, policy, requester }: ApprovableRequest): string =>
  hash('sha256', JSON.stringify(['v1', job, sortEntries(work), sortEntries(values), policy, requester]));

const sortEntries = (record: Readonly<Record<string, unknown>>): [string, unknown][] =>
  Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));

/** Returns the fields of a job's work that an approval covers. `retryOf`: the id of the job that is retried. */
export const toApprovableWork = (work: JobWork, retryOf: string | null): ApprovableRequest['work'] => {
  if (work.kind === 'task') {
    const { taskName, image, script, digests } = work;
    const definition = digests?.definition ?? null;
    return { taskName, image, script, definition, sha256: digests?.script ?? null, retryOf };
  }
  const { algorithm, inputCount, blockSize, inputs } = work;
  const commit = inputs?.commit ?? null;
  return { algorithm, inputCount, blockSize, inputs: inputs?.sha256 ?? null, commit, retryOf };
};

const codeDigits = '0123456789abcdefghjkmnpqrstvwxyz';

/** Returns the code of an approval: the first 50 bits of the hash, as 10 letters and digits that cannot be confused. */
export const toApprovalCode = (sha256: string): string => {
  const bits = BigInt(`0x${sha256.slice(0, 13)}`) >> 2n;
  const toDigit = (n: number): string => codeDigits[Number((bits >> BigInt(45 - 5 * n)) & 31n)] ?? '';
  return Array.from({ length: 10 }, (_, n) => toDigit(n)).join('');
};
