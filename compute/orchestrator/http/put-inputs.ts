import { sourcePath } from '../../../contracts/blob-paths.ts';
import type { Blobs } from '../../storage/port.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { parseInputs } from '../inputs/source.ts';
import { toJsonResponse, toProblemResponse, toBadRequest, readText } from '../json.ts';
import type { RequestLimits } from './limits.ts';

type PutInputsOptions = { blobs: Blobs; flush: () => Promise<void>; limits: RequestLimits };

/**
 * `POST /api/inputs`: stores inputs for compute jobs, one JSON value per line. The same inputs are stored once, under the sha256 of their
 * bytes; another upload extends their retention.
 */
export const putInputs = ({ blobs, flush, limits }: PutInputsOptions): GuardedRoute => ({
  name: 'PutInputs',
  method: 'POST',
  path: 'inputs',
  needs: 'start',
  handle: async (httpRequest) => {
    const received = await readText(httpRequest);
    if (!received.ok) return toBadRequest(received.problem);
    const text = received.value;
    const bytes = Buffer.byteLength(text);
    if (bytes > limits.inputBytes) return toTooLarge(`${limits.inputBytes} bytes`, `${bytes} bytes`);
    const read = await parseInputs(text);
    if (!read.ok) return toBadRequest(read.problem);
    const { sha256, count, body } = read.value;
    if (count > limits.inputs) return toTooLarge(`${limits.inputs} inputs`, `${count} inputs`);
    await blobs.put(sourcePath(sha256), body);
    await flush();
    return toJsonResponse(200, { v: 1, sha256, count });
  },
});

const toTooLarge = (max: string, received: string): Response =>
  toProblemResponse(413, {
    code: 'too-large',
    field: null,
    message: `The inputs are too large: expected at most ${max}, received ${received}`,
    expected: `at most ${max}`,
    received,
  });
