import { createHash } from 'node:crypto';

/** Everything that an approval is about. Whoever approves its code approves exactly this, and nothing else. */
export type ApprovableRequest = {
  job: string;
  /** What runs: sha256 of definition and script, image, algorithm, inputs' sha256; whatever there is of it. */
  work: Readonly<Record<string, string | number | null>>;
  /** The values it gets, defaults filled in, by name; not masked. */
  values: Readonly<Record<string, string>>;
  /** The policy's commit. */
  policy: string | null;
  /** GitHub's id of who asks for it. */
  requester: number;
};

/** sha256, in hex, of what is asked for: of its JSON, all names sorted. */
export const hashRequest = ({ job, work, values, policy, requester }: ApprovableRequest): string =>
  createHash('sha256')
    .update(JSON.stringify(['v1', job, sortEntries(work), sortEntries(values), policy, requester]))
    .digest('hex');

const sortEntries = (record: Readonly<Record<string, unknown>>): [string, unknown][] =>
  Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));

const codeDigits = '0123456789abcdefghjkmnpqrstvwxyz';

/** The code that an approval names: the first 50 bits of the hash, as 10 letters and digits that are not mistaken for one another. */
export const toApprovalCode = (hash: string): string => {
  const bits = BigInt(`0x${hash.slice(0, 13)}`) >> 2n;
  return Array.from({ length: 10 }, (_, n) => codeDigits[Number((bits >> BigInt(45 - 5 * n)) & 31n)]).join(
    '',
  );
};
