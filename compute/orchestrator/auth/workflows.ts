import { noAudience } from './audience.ts';
import type { Caller } from './caller.ts';
import type { Identity } from './identity.ts';
import { issuerKeys, type KeyTimes } from './jwks.ts';
import { isOfWorkflow } from './rules.ts';
import type { CallerSettings } from './settings.ts';
import { described, verifyToken } from './verify-jwt.ts';
import { Claims, hostOf, isTrusted } from './trust.ts';

export type WorkflowOptions = {
  settings: CallerSettings;
  /** The audience of tokens if the settings name none. */
  audience: string | undefined;
  times?: Partial<KeyTimes> | undefined;
};

/**
 * Tells by its token which workflow calls, and how far it is trusted: by all rules that hold of its run.
 * @throws SettingsError if workflows are trusted and no audience is known
 */
export const trustedWorkflows = ({
  settings,
  audience: own,
  times,
}: WorkflowOptions): ((token: string) => Promise<Identity>) => {
  const { COXSWAIN_ISSUER: issuer } = settings;
  const rules = settings.COXSWAIN_TRUST.filter(isOfWorkflow);
  if (rules.length === 0) return async () => ({ outcome: 'nobody', reason: 'no workflow is trusted' });
  const audience = settings.COXSWAIN_AUDIENCE ?? own;
  if (audience === undefined) throw noAudience('COXSWAIN_AUDIENCE');
  const keys = issuerKeys(jwksOf(settings), times);
  const host = hostOf(issuer);
  return async (token) => {
    const verdict = await verifyToken(token, { issuer, audiences: [audience], keys, claims: Claims });
    if (verdict.outcome !== 'good') return verdict;
    const { claims } = verdict;
    const grants = rules.filter((rule) => isTrusted(rule, claims));
    if (grants.length === 0) return { outcome: 'untrusted', reason: `no rule trusts ${described(claims)}` };
    const repositories = { host, ids: [Number(claims.repository_id)] };
    const caller: Caller = {
      kind: 'guest',
      name: described(claims),
      shown: { kind: 'workflow', name: fileAndRef(claims) },
      grants,
      repositories,
    };
    return { outcome: 'known', caller };
  };
};

/** Returns a name that is the same for all runs of a workflow on one ref, whatever started them. */
const fileAndRef = ({ workflow_ref, job_workflow_ref, repository_id, ref }: Claims): string =>
  workflow_ref ?? job_workflow_ref ?? `repository ${repository_id}, ${ref ?? 'no ref'}`;

const jwksOf = ({ COXSWAIN_ISSUER: issuer, COXSWAIN_ISSUER_JWKS: jwks }: CallerSettings): URL =>
  new URL(jwks ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks`);
