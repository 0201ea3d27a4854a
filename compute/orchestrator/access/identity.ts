import type { Caller } from './caller.ts';

/**
 * Who a credential belongs to. `nobody`: it is missing or no good. `untrusted`: it is good, and its owner may nothing here.
 * `unverified`: that cannot be told now.
 */
export type Identity =
  | { outcome: 'known'; caller: Caller }
  | { outcome: 'nobody' | 'untrusted'; reason: string }
  | { outcome: 'unverified'; reason: string; fault: Error };
