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
  /** `app` if the application calls as itself: only if the orchestrator's own application asks for this claim. */
  idtyp: v.optional(v.string()),
  /** What a user lets the application do in their name. */
  scp: v.optional(v.string()),
};

/**
 * What an access token of Entra says of who calls, as far as rules ask for it: `appid` or `azp` is the application that asked for
 * it, be it for itself or for a user.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
const EntraClaims = v.variant('ver', [
  v.object({ ver: v.literal('1.0'), appid: Guid, ...sharedClaims }),
  v.object({ ver: v.literal('2.0'), azp: Guid, ...sharedClaims }),
]);
type EntraClaims = v.InferOutput<typeof EntraClaims>;

type ApplicationOptions = { settings: CallerSettings; times?: Partial<JwksTimes> | undefined };

/**
 * Tells by its token which application of Entra calls, and how far it is trusted; undefined if the token does not even claim to
 * be from a tenant that rules name.
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

/** v2.0 tokens name the id of the application that they are for, v1.0 tokens its id or its URI, which by default holds the id. */
const getAudiences = ({ COXSWAIN_ENTRA_AUDIENCE: audience }: CallerSettings): string[] => {
  if (audience === undefined) throw toMissingAudienceError('COXSWAIN_ENTRA_AUDIENCE');
  const id = audience.replace(/^api:\/\//, '');
  return v.is(Guid, id) ? [audience, id] : [audience];
};

/** Who a token says it is from. Nothing is proven by that: it only chooses who verifies it. */
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
      reason: `only tokens of an application itself count (idtyp app), not ${name}`,
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
 * Whether an application calls as itself. Whoever can sign in to it gets a token by it, too, in which all but `idtyp` looks alike.
 * Source: https://learn.microsoft.com/entra/identity-platform/claims-validation#validate-the-actor, and for `idtyp`
 * https://learn.microsoft.com/entra/identity-platform/optional-claims-reference
 */
const isAppToken = ({ idtyp, scp }: EntraClaims): boolean => idtyp === 'app' && scp === undefined;

/** Who makes tokens of one version for one tenant of Entra. The orchestrator's own application says which version it gets. */
type EntraIssuer = { tenant: string; version: '1.0' | '2.0'; issuer: string; keys: JWTVerifyGetKey };

type EntraEndpoints = Pick<CallerSettings, 'COXSWAIN_ENTRA_AUTHORITY' | 'COXSWAIN_ENTRA_STS'>;

/**
 * Both issuers of each tenant, by the `iss` of their tokens. Each version has its own document of keys.
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
