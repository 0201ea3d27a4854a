import { toMissingAudienceError } from './audience.ts';
import type { Caller } from './caller.ts';
import type { CredentialIdentity } from './identity.ts';
import { createKeyResolver, type JwksTimes } from './jwks.ts';
import { isWorkflowRule } from './rules.ts';
import type { CallerSettings } from './settings.ts';
import { describeClaims, verifyToken } from './verify-jwt.ts';
import { WorkflowClaims, getIssuerHost, isTrusted } from './trust.ts';

export type WorkflowOptions = {
  settings: CallerSettings;
  /** The audience of tokens if the settings name none. */
  audience: string | undefined;
  times?: Partial<JwksTimes> | undefined;
};

/**
 * Tells by its token which workflow calls, and how far it is trusted: by all rules that hold of its run.
 * @throws SettingsError if workflows are trusted and no audience is known
 */
export const createWorkflowVerifier = ({
  settings,
  audience: ownAudience,
  times,
}: WorkflowOptions): ((token: string) => Promise<CredentialIdentity>) => {
  const { COXSWAIN_ISSUER: issuer } = settings;
  const rules = settings.COXSWAIN_TRUST.filter(isWorkflowRule);
  if (rules.length === 0) return async () => ({ outcome: 'nobody', reason: 'no workflow is trusted' });
  const audience = settings.COXSWAIN_AUDIENCE ?? ownAudience;
  if (audience === undefined) throw toMissingAudienceError('COXSWAIN_AUDIENCE');
  const keys = createKeyResolver(getJwksUrl(settings), times);
  const host = getIssuerHost(issuer);
  return async (token) => {
    const verdict = await verifyToken(token, { issuer, audiences: [audience], keys, claims: WorkflowClaims });
    if (verdict.outcome !== 'good') return verdict;
    const { claims } = verdict;
    const grants = rules.filter((rule) => isTrusted(rule, claims));
    if (grants.length === 0)
      return { outcome: 'untrusted', reason: `no rule trusts ${describeClaims(claims)}` };
    const repositories = { host, ids: [Number(claims.repository_id)] };
    const caller: Caller = {
      kind: 'guest',
      name: describeClaims(claims),
      shown: { kind: 'workflow', name: formatWorkflowName(claims) },
      grants,
      repositories,
    };
    return { outcome: 'known', caller };
  };
};

/** Returns a name that is the same for all runs of a workflow on one ref, whatever started them. */
const formatWorkflowName = ({ workflow_ref, job_workflow_ref, repository_id, ref }: WorkflowClaims): string =>
  workflow_ref ?? job_workflow_ref ?? `repository ${repository_id}, ${ref ?? 'no ref'}`;

const getJwksUrl = ({ COXSWAIN_ISSUER: issuer, COXSWAIN_ISSUER_JWKS: jwks }: CallerSettings): URL =>
  new URL(jwks ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks`);
