import { decodeJwt, errors } from 'jose';
import * as v from 'valibot';
import { noAudience } from './audience.ts';
import type { Caller } from './caller.ts';
import { entraIssuers, type EntraIssuer } from './entra-issuers.ts';
import type { Identity } from './identity.ts';
import type { KeyTimes } from './jwks.ts';
import { Guid, isOfApplication, type ApplicationRule } from './rules.ts';
import type { CallerSettings } from './settings.ts';
import { described, verifyToken } from './verify-jwt.ts';

const ofAnyVersion = {
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
const Claims = v.variant('ver', [
  v.object({ ver: v.literal('1.0'), appid: Guid, ...ofAnyVersion }),
  v.object({ ver: v.literal('2.0'), azp: Guid, ...ofAnyVersion }),
]);
type Claims = v.InferOutput<typeof Claims>;

type ApplicationOptions = { settings: CallerSettings; times?: Partial<KeyTimes> | undefined };

/**
 * Tells by its token which application of Entra calls, and how far it is trusted; undefined if the token does not even claim to
 * be from a tenant that rules name.
 * @throws SettingsError if applications are trusted and no audience is known
 */
export const trustedApplications = ({
  settings,
  times,
}: ApplicationOptions): ((token: string) => Promise<Identity> | undefined) => {
  const rules = settings.COXSWAIN_TRUST.filter(isOfApplication);
  if (rules.length === 0) return () => undefined;
  const audiences = audiencesOf(settings);
  const tenants = rules.map(({ tenant }) => tenant);
  const issuers = entraIssuers(tenants, settings, times);
  return (token) => {
    const issuer = issuers.get(claimedIssuer(token) ?? '');
    return issuer && identityOf(token, { issuer, audiences, rules });
  };
};

/** v2.0 tokens name the id of the application that they are for, v1.0 tokens its id or its URI, which by default holds the id. */
const audiencesOf = ({ COXSWAIN_ENTRA_AUDIENCE: given }: CallerSettings): string[] => {
  if (given === undefined) throw noAudience('COXSWAIN_ENTRA_AUDIENCE');
  const id = given.replace(/^api:\/\//, '');
  return v.is(Guid, id) ? [given, id] : [given];
};

/** Who a token says it is from. Nothing is proven by that: it only chooses who verifies it. */
const claimedIssuer = (token: string): string | undefined => {
  try {
    return decodeJwt(token).iss;
  } catch (error) {
    if (error instanceof errors.JWTInvalid) return undefined;
    throw error;
  }
};

type Trust = { issuer: EntraIssuer; audiences: string[]; rules: readonly ApplicationRule[] };

const identityOf = async (token: string, { issuer: from, audiences, rules }: Trust): Promise<Identity> => {
  const verdict = await verifyToken(token, { ...from, audiences, claims: Claims });
  if (verdict.outcome !== 'good') return verdict;
  const { claims } = verdict;
  if (claims.ver !== from.version || claims.tid !== from.tenant)
    return { outcome: 'nobody', reason: 'claims' };
  const name = described(claims);
  if (!isOfItself(claims))
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
const isOfItself = ({ idtyp, scp }: Claims): boolean => idtyp === 'app' && scp === undefined;
