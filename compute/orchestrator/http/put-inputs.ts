import { sourcePath } from '../../../contracts/blob-paths.ts';
import type { Blobs } from '../../storage/port.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { readSource } from '../inputs/source.ts';
import { json, problemAnswer, refused } from './answers.ts';
import { textOf } from '../json.ts';
import type { Limits } from './limits.ts';

type Options = { blobs: Blobs; flush: () => Promise<void>; limits: Limits };

/**
 * `POST /api/inputs`: stores inputs for compute jobs, a JSON value a line. The same inputs are stored once, under the sha256 of
 * their bytes; uploaded again they are kept for longer.
 */
export const putInputs = ({ blobs, flush, limits }: Options): GuardedRoute => ({
  name: 'PutInputs',
  method: 'POST',
  path: 'inputs',
  needs: 'start',
  handle: async (httpRequest) => {
    const received = await textOf(httpRequest);
    if (!received.ok) return refused(received.problem);
    const text = received.value;
    const bytes = Buffer.byteLength(text);
    if (bytes > limits.inputBytes) return tooLarge(`${limits.inputBytes} bytes`, `${bytes} bytes`);
    const read = await readSource(text);
    if (!read.ok) return refused(read.problem);
    const { sha256, count, body } = read.value;
    if (count > limits.inputs) return tooLarge(`${limits.inputs} inputs`, `${count} inputs`);
    await blobs.put(sourcePath(sha256), body);
    await flush();
    return json(200, { v: 1, sha256, count });
  },
});

const tooLarge = (most: string, received: string): Response =>
  problemAnswer(413, {
    code: 'too-large',
    field: null,
    message: `The inputs are too large: expected at most ${most}, received ${received}`,
    expected: `at most ${most}`,
    received,
  });
