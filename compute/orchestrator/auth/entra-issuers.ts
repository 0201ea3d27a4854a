import type { JWTVerifyGetKey } from 'jose';
import { createKeyResolver, type JwksTimes } from './jwks.ts';
import type { CallerSettings } from './settings.ts';

/** Who makes tokens of one version for one tenant of Entra. The orchestrator's own application says which version it gets. */
export type EntraIssuer = { tenant: string; version: '1.0' | '2.0'; issuer: string; keys: JWTVerifyGetKey };

type EntraEndpoints = Pick<CallerSettings, 'COXSWAIN_ENTRA_AUTHORITY' | 'COXSWAIN_ENTRA_STS'>;

/**
 * Both issuers of each tenant, by the `iss` of their tokens. Each version has its own document of keys.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
 */
export const createEntraIssuers = (
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
