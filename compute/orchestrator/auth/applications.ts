import { decodeJwt, errors, type JWTVerifyGetKey } from 'jose';
import * as v from 'valibot';
import {
  toMissingAudienceError,
  Guid,
  isApplicationRule,
  type ApplicationRule,
  type CallerSettings,
} from './settings.ts';
import type { Caller, CredentialIdentity } from './caller.ts';
import { type JwksTimes, createKeyResolver } from './jwks.ts';
import { describeClaims, verifyToken } from './verify-jwt.ts';

const sharedClaims = {
  /** The tenant. */
  tid: Guid,
  /** `app` if the application calls as itself. The claim exists only if the orchestrator's own application requests it. */
  idtyp: v.optional(v.string()),
  /** The scopes that a user has delegated to the application. */
  scp: v.optional(v.string()),
};

/**
 * The claims of an Entra access token that rules use. `appid` or `azp` is the application that requested the token, for itself or for
 * a user.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
const EntraClaims = v.variant('ver', [
  v.object({ ver: v.literal('1.0'), appid: Guid, ...sharedClaims }),
  v.object({ ver: v.literal('2.0'), azp: Guid, ...sharedClaims }),
]);
type EntraClaims = v.InferOutput<typeof EntraClaims>;

type ApplicationOptions = { settings: CallerSettings; times?: Partial<JwksTimes> | undefined };

/**
 * Returns a function that identifies an Entra application by its token, with the grants of its rules; undefined if the token does not
 * claim to be from a tenant in the rules.
 * @throws SettingsError if applications are trusted and no audience is known
 */
export const createApplicationVerifier = ({
  settings,
  times,
}: ApplicationOptions): ((token: string) => Promise<CredentialIdentity> | undefined) => {
  const rules = settings.COXSWAIN_TRUST.filter(isApplicationRule);
  if (rules.length === 0) return () => undefined;
  const audiences = getAudiences(settings);
  const tenants = rules.map(({ tenant }) => tenant);
  const issuers = createEntraIssuers(tenants, settings, times);
  return (token) => {
    const issuer = issuers.get(decodeIssuer(token) ?? '');
    return issuer && identify(token, { issuer, audiences, rules });
  };
};

/** The audience of v2.0 tokens is the application's id, that of v1.0 tokens its id or its URI, which contains the id by default. */
const getAudiences = ({ COXSWAIN_ENTRA_AUDIENCE: audience }: CallerSettings): string[] => {
  if (audience === undefined) throw toMissingAudienceError('COXSWAIN_ENTRA_AUDIENCE');
  const id = audience.replace(/^api:\/\//, '');
  return v.is(Guid, id) ? [audience, id] : [audience];
};

/** Returns the issuer that a token claims, without verification: it only selects the keys that verify the token. */
const decodeIssuer = (token: string): string | undefined => {
  try {
    return decodeJwt(token).iss;
  } catch (error) {
    if (error instanceof errors.JWTInvalid) return undefined;
    throw error;
  }
};

type EntraTrust = { issuer: EntraIssuer; audiences: string[]; rules: readonly ApplicationRule[] };

const identify = async (
  token: string,
  { issuer: from, audiences, rules }: EntraTrust,
): Promise<CredentialIdentity> => {
  const verdict = await verifyToken(token, { ...from, audiences, claims: EntraClaims });
  if (verdict.outcome !== 'good') return verdict;
  const { claims } = verdict;
  if (claims.ver !== from.version || claims.tid !== from.tenant)
    return { outcome: 'nobody', reason: 'claims' };
  const name = describeClaims(claims);
  if (!isAppToken(claims))
    return {
      outcome: 'untrusted',
      reason: `the token must be of an application itself (idtyp app), received ${name}`,
    };
  const client = claims.ver === '1.0' ? claims.appid : claims.azp;
  const grants = rules.filter(({ tenant, clientId }) => tenant === claims.tid && clientId === client);
  const [first] = grants;
  if (!first) return { outcome: 'untrusted', reason: `no rule trusts ${name}` };
  // All rules of one application name the same repositories.
  const repositories = first.repositories && { ids: first.repositories };
  const shown = { kind: 'application', name: client } as const;
  const caller: Caller = { kind: 'guest', name, shown, grants, repositories };
  return { outcome: 'known', caller };
};

/**
 * Returns whether an application calls as itself. A user who signs in to the application also gets a token, which differs only in
 * `idtyp`.
 * Source: https://learn.microsoft.com/entra/identity-platform/claims-validation#validate-the-actor, and for `idtyp`
 * https://learn.microsoft.com/entra/identity-platform/optional-claims-reference
 */
const isAppToken = ({ idtyp, scp }: EntraClaims): boolean => idtyp === 'app' && scp === undefined;

/** The issuer of one version of tokens for one Entra tenant. The orchestrator's own application determines the version it receives. */
type EntraIssuer = { tenant: string; version: '1.0' | '2.0'; issuer: string; keys: JWTVerifyGetKey };

type EntraEndpoints = Pick<CallerSettings, 'COXSWAIN_ENTRA_AUTHORITY' | 'COXSWAIN_ENTRA_STS'>;

/**
 * Returns both issuers of each tenant, by the `iss` of their tokens. Each version has its own key set.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
 */
const createEntraIssuers = (
  tenants: readonly string[],
  { COXSWAIN_ENTRA_AUTHORITY: authority, COXSWAIN_ENTRA_STS: sts }: EntraEndpoints,
  times: Partial<JwksTimes> | undefined,
): ReadonlyMap<string, EntraIssuer> => {
  const getKeysAt = (path: string): JWTVerifyGetKey =>
    createKeyResolver(new URL(`${authority}/${path}`), times);
  const issuers = [...new Set(tenants)].flatMap((tenant): EntraIssuer[] => [
    {
      tenant,
      version: '1.0',
      issuer: `${sts}/${tenant}/`,
      keys: getKeysAt(`${tenant}/discovery/keys`),
    },
    {
      tenant,
      version: '2.0',
      issuer: `${authority}/${tenant}/v2.0`,
      keys: getKeysAt(`${tenant}/discovery/v2.0/keys`),
    },
  ]);
  return new Map(issuers.map((each) => [each.issuer, each]));
};
