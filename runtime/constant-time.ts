import { hash, timingSafeEqual } from 'node:crypto';

const digest = (text: string): Buffer => Buffer.from(hash('sha256', text), 'hex');

/** Returns whether two texts are equal, in a time that depends on neither their content nor which of them is secret. */
export const isEqualInConstantTime = (one: string, other: string): boolean =>
  timingSafeEqual(digest(one), digest(other));
