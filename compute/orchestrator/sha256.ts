import { createHash } from 'node:crypto';

/** The sha256 of bytes, as lowercase hex. */
export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
