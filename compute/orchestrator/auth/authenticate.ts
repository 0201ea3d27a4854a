import type { Logger } from '../../../runtime/log.ts';
import { ThrottledLog } from '../../../runtime/throttled-log.ts';
import { toForbidden, toUnauthorized, toUnavailable } from '../json.ts';
import type { Caller, CredentialIdentity } from './caller.ts';
import { readKey, createKeyLookup } from './api-keys.ts';
import type { CallerSettings } from './settings.ts';
import { createApplicationVerifier } from './applications.ts';
import { createWorkflowVerifier, type WorkflowOptions } from './workflows.ts';

/** The caller of a request, or the response to an unauthenticated request. */
export type Authentication = { ok: true; caller: Caller } | { ok: false; response: Response };

/** Identifies the caller of a request. */
export type Authenticator = (request: Request) => Promise<Authentication>;

export type AuthenticatorOptions = WorkflowOptions & {
  /** The platform's own keys, which authorize every route. */
  platformKeys: readonly string[];
  log: Logger;
};

/**
 * Returns an authenticator that accepts the platform, holders of keys, and trusted workflows and applications. The reason for a
 * rejected credential is only in the log.
 * @throws SettingsError if workflows or applications are trusted and no audience is known
 */
export const createAuthenticator = (options: AuthenticatorOptions): Authenticator => {
  const { platformKeys, settings, log } = options;
  const findKeyHolder = createKeyLookup(platformKeys, settings.COXSWAIN_KEYS);
  const identifyApplication = createApplicationVerifier(options);
  const identifyWorkflow = createWorkflowVerifier(options);
  logUnrestrictedLocks(settings, log);
  const throttledLog = new ThrottledLog(log);

  /** Uses only the key if the request has one: a token does not make up for a wrong key. */
  const identify = async (request: Request): Promise<CredentialIdentity> => {
    const key = readKey(request);
    if (key !== undefined) {
      const caller = findKeyHolder(key);
      return caller ? { outcome: 'known', caller } : { outcome: 'nobody', reason: 'unknown key' };
    }
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
    if (token === undefined) return { outcome: 'nobody', reason: 'no credential' };
    return identifyApplication(token) ?? identifyWorkflow(token);
  };

  return async (request) => {
    const identity = await identify(request);
    if (identity.outcome === 'known') return { ok: true, caller: identity.caller };
    const { reason } = identity;
    const err = identity.outcome === 'unverified' ? identity.error : undefined;
    throttledLog.warn({ reason, err, path: new URL(request.url).pathname }, 'rejected a request');
    return { ok: false, response: toRefusalResponse(identity) };
  };
};

/** Logs each grant that can use every lock of its repositories, because it has no `locks`. */
const logUnrestrictedLocks = ({ COXSWAIN_KEYS, COXSWAIN_TRUST }: CallerSettings, log: Logger): void => {
  for (const rule of [...COXSWAIN_KEYS, ...COXSWAIN_TRUST]) {
    if (rule.locks || !rule.scopes.some((scope) => scope !== 'read')) continue;
    const grant =
      'sha256' in rule
        ? { key: rule.name }
        : 'tenant' in rule
          ? { application: rule.clientId }
          : { repositoryId: rule.repositoryId };
    const all = !('repositoryId' in rule) && rule.repositories === undefined;
    log.info(grant, `this grant has no "locks": it allows every lock${all ? '' : ' of its repositories'}`);
  }
};

const toRefusalResponse = ({
  outcome,
  reason,
}: Exclude<CredentialIdentity, { outcome: 'known' }>): Response => {
  if (outcome === 'nobody') return toUnauthorized();
  return outcome === 'unverified' ? toUnavailable() : toForbidden(`This caller is not trusted: ${reason}`);
};
