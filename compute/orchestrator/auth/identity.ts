import type { Caller } from './caller.ts';

/**
 * Who a credential belongs to, if that is not known. `nobody`: it is missing or no good. `unverified`: that cannot be told now.
 * `reason` is for the log, never for the caller.
 */
export type UnverifiedCredential =
  | { outcome: 'nobody'; reason: string }
  | { outcome: 'unverified'; reason: string; fault: Error };

/** Who a credential belongs to. `untrusted`: it is good, and its owner may do nothing here; it is told the reason. */
export type CredentialIdentity =
  | { outcome: 'known'; caller: Caller }
  | { outcome: 'untrusted'; reason: string }
  | UnverifiedCredential;
