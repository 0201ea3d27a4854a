import {
  toMissingAudienceError,
  isWorkflowRule,
  type CallerSettings,
  type WorkflowRule,
} from './settings.ts';
import type { Caller, CredentialIdentity } from './caller.ts';
import { createKeyResolver, type JwksTimes } from './jwks.ts';
import { describeClaims, verifyToken } from './verify-jwt.ts';
import * as v from 'valibot';

export type WorkflowOptions = {
  settings: CallerSettings;
  /** The audience of tokens if the settings do not name one. */
  audience: string | undefined;
  times?: Partial<JwksTimes> | undefined;
};

/**
 * Returns a function that identifies a workflow by its token, with the grants of all rules that match its run.
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

/** Returns a name that is the same for all runs of a workflow on one ref, whatever triggered them. */
const formatWorkflowName = ({ workflow_ref, job_workflow_ref, repository_id, ref }: WorkflowClaims): string =>
  workflow_ref ?? job_workflow_ref ?? `repository ${repository_id}, ${ref ?? 'no ref'}`;

const getJwksUrl = ({ COXSWAIN_ISSUER: issuer, COXSWAIN_ISSUER_JWKS: jwks }: CallerSettings): URL =>
  new URL(jwks ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks`);

/**
 * The claims of a workflow's token that rules use. Only the id identifies the repository: names and both forms of `sub`
 * (`repo:owner/name:…`, `repo:owner@id/name@id:…`) are ignored.
 * Source: https://docs.github.com/actions/reference/security/oidc
 */
export const WorkflowClaims = v.object({
  repository_id: v.pipe(v.string(), v.regex(/^\d{1,15}$/)),
  ref: v.optional(v.string()),
  /** Set only for a job in an environment. */
  environment: v.optional(v.string()),
  event_name: v.optional(v.string()),
  /** The workflow of the run, and that of the job. They differ if the job belongs to a reusable workflow. */
  workflow_ref: v.optional(v.string()),
  job_workflow_ref: v.optional(v.string()),
});
export type WorkflowClaims = v.InferOutput<typeof WorkflowClaims>;

/** Returns whether a run matches all fields of a rule. */
export const isTrusted = (rule: WorkflowRule, claims: WorkflowClaims): boolean =>
  rule.repositoryId === claims.repository_id &&
  (rule.ref === undefined || matches(rule.ref, claims.ref)) &&
  (rule.environment === undefined || rule.environment === claims.environment) &&
  (rule.eventName === undefined || rule.eventName.includes(claims.event_name ?? '')) &&
  (rule.workflowRef === undefined || isInWorkflow(rule.workflowRef, claims));

const isInWorkflow = (workflowRef: string, { workflow_ref, job_workflow_ref }: WorkflowClaims): boolean =>
  [workflow_ref, job_workflow_ref].some((ref) =>
    workflowRef.includes('@') ? matches(workflowRef, ref) : workflowRef === getWorkflowFile(ref),
  );

/** Returns a workflow's file: the part up to the last `.yml@`, so that no file or branch name can pass for another file. */
const getWorkflowFile = (ref = ''): string | undefined => /^(.+\.ya?ml)@/.exec(ref)?.[1];

/**
 * Returns whether a value matches a pattern: `*` matches anything except "/", `**` matches anything. Everyone who can push a branch
 * chooses the value, so the time is limited to the product of both lengths; a regular expression with several wildcards would try all
 * combinations of their lengths.
 */
const matches = (pattern: string, value: string | undefined): boolean => {
  if (value === undefined) return false;
  const parts = pattern.split(/(\*\*|\*)/);
  const ends = parts.reduce((reached, part) => advance(reached, part, value), new Set([0]));
  return ends.has(value.length);
};

/** Returns the possible ends of a match in a value after one more part of a pattern, given the possible ends before it. */
const advance = (reached: ReadonlySet<number>, part: string, value: string): Set<number> => {
  if (part !== '*' && part !== '**') {
    const starts = [...reached].filter((end) => value.startsWith(part, end));
    return new Set(starts.map((end) => end + part.length));
  }
  const further = new Set<number>();
  for (const start of reached)
    for (let end = start; end <= value.length && !further.has(end); end += 1) {
      further.add(end);
      if (part === '*' && value[end] === '/') break;
    }
  return further;
};

/** Returns the GitHub host of a token issuer, in the form that a job's origin has. */
export const getIssuerHost = (issuer: string): string => {
  const { hostname } = new URL(issuer);
  if (hostname === 'token.actions.githubusercontent.com') return 'github.com';
  return hostname.replace(/^token\.actions\.(?=[^.]+\.ghe\.com$)/, '');
};
