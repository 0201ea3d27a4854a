import type { Logger } from '../../../runtime/log.ts';
import { ThrottledLog } from '../../../runtime/throttled-log.ts';
import { forbidden, unauthorized, unavailable } from './answers.ts';
import type { Caller } from './caller.ts';
import type { Identity } from './identity.ts';
import { givenKey, keyHolders } from './api-keys.ts';
import type { CallerSettings } from './settings.ts';
import { trustedApplications } from './applications.ts';
import { trustedWorkflows, type WorkflowOptions } from './workflows.ts';

/** Who calls, or the answer to somebody who may not. */
export type Admission = { ok: true; caller: Caller } | { ok: false; answer: Response };

/** Decides who a request comes from. */
export type Access = (request: Request) => Promise<Admission>;

export type AccessOptions = WorkflowOptions & {
  /** The platform's own keys: they open everything. */
  platformKeys: readonly string[];
  log: Logger;
};

/**
 * Opens the API to the platform, to holders of keys, to trusted workflows and applications, and to nobody else. Who is turned
 * away learns no reason; the log does.
 * @throws SettingsError if workflows or applications are trusted and no audience is known
 */
export const openAccess = (options: AccessOptions): Access => {
  const { platformKeys, settings, log } = options;
  const holderOf = keyHolders(platformKeys, settings.COXSWAIN_KEYS);
  const applicationOf = trustedApplications(options);
  const workflowOf = trustedWorkflows(options);
  reportOpenLocks(settings, log);
  const refusals = new ThrottledLog(log);

  /** A key decides alone: one that is wrong is not made good by a token. */
  const identityOf = async (request: Request): Promise<Identity> => {
    const key = givenKey(request);
    if (key !== undefined) {
      const caller = holderOf(key);
      return caller ? { outcome: 'known', caller } : { outcome: 'nobody', reason: 'unknown key' };
    }
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
    if (token === undefined) return { outcome: 'nobody', reason: 'no credential' };
    return applicationOf(token) ?? workflowOf(token);
  };

  return async (request) => {
    const identity = await identityOf(request);
    if (identity.outcome === 'known') return { ok: true, caller: identity.caller };
    const { reason } = identity;
    const err = identity.outcome === 'unverified' ? identity.fault : undefined;
    refusals.warn({ reason, err, path: new URL(request.url).pathname }, 'refused a caller');
    return { ok: false, answer: answerTo(identity) };
  };
};

/** Logs each grant that can use every lock of its repositories, because it has no `locks`. */
const reportOpenLocks = ({ COXSWAIN_KEYS, COXSWAIN_TRUST }: CallerSettings, log: Logger): void => {
  for (const rule of [...COXSWAIN_KEYS, ...COXSWAIN_TRUST]) {
    if (rule.locks || !rule.scopes.some((scope) => scope !== 'read')) continue;
    const grant =
      'sha256' in rule
        ? { key: rule.name }
        : 'tenant' in rule
          ? { application: rule.clientId }
          : { repositoryId: rule.repositoryId };
    const all = !('repositoryId' in rule) && rule.repositories === undefined;
    log.info(grant, `this grant has no "locks": it can use every lock${all ? '' : ' of its repositories'}`);
  }
};

const answerTo = ({ outcome, reason }: Exclude<Identity, { outcome: 'known' }>): Response => {
  if (outcome === 'nobody') return unauthorized();
  return outcome === 'unverified' ? unavailable() : forbidden(`This caller may do nothing here: ${reason}`);
};
