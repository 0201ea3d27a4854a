import * as v from 'valibot';
import { addressSetting } from '../../../runtime/settings.ts';
import { isApplicationRule, KeyRule, toTextSchema, TrustRule } from './rules.ts';

const toListSchema = <const S extends v.GenericSchema>(rule: S) => {
  const message = 'expected a list as JSON';
  return v.optional(v.pipe(v.string(), v.parseJson(undefined, message), v.array(rule, message)), '[]');
};

/** Addresses must be secure, because anyone could replace keys on an unencrypted connection. */
const addressMessage = 'expected an https address';
const Address = v.pipe(v.string(addressMessage), v.url(addressMessage));

/** The same, without slashes at the end. */
const BaseAddress = v.pipe(
  Address,
  v.transform((given) => given.replace(/\/+$/, '')),
);

const sameRepositoriesMessage = 'expected the same repositories in all rules of one application';
/**
 * All grants of a caller are for the same repositories. Rules that differ would let their scopes and their repositories be mixed.
 */
const haveSameRepositories = (rules: TrustRule[]): boolean => {
  const confined = new Map<string, string>();
  return rules.filter(isApplicationRule).every(({ tenant, clientId, repositories }) => {
    const caller = `${tenant}/${clientId}`;
    const ids = repositories?.toSorted((a, b) => a - b).join() ?? 'all';
    const before = confined.get(caller) ?? ids;
    confined.set(caller, before);
    return before === ids;
  });
};

/** The settings that say who may call the HTTP API besides the platform itself. */
export const CallerSettings = v.object({
  /** Keys with scopes. */
  COXSWAIN_KEYS: toListSchema(KeyRule),
  /** Workflows of GitHub Actions, and applications of Entra, that need no key. */
  COXSWAIN_TRUST: v.pipe(toListSchema(TrustRule), v.check(haveSameRepositories, sameRepositoriesMessage)),
  /** For whom a workflow's token has to be made; without it, the orchestrator's own address. */
  COXSWAIN_AUDIENCE: v.optional(toTextSchema('expected an audience')),
  /** Who makes workflows' tokens; of a GitHub Enterprise Server `https://<host>/_services/token`. */
  COXSWAIN_ISSUER: addressSetting(v.optional(Address, 'https://token.actions.githubusercontent.com')),
  /** Where the issuer's keys are; without it, below the issuer at `/.well-known/jwks`. */
  COXSWAIN_ISSUER_JWKS: addressSetting(v.optional(Address)),
  /** For whom an application's token has to be made: the orchestrator's own application in Entra, by its id or its URI. */
  COXSWAIN_ENTRA_AUDIENCE: v.optional(toTextSchema('expected an audience')),
  /** Where Entra is: it makes v2.0 tokens, and has the keys of all. */
  COXSWAIN_ENTRA_AUTHORITY: addressSetting(v.optional(BaseAddress, 'https://login.microsoftonline.com')),
  /** Who makes its v1.0 tokens. */
  COXSWAIN_ENTRA_STS: addressSetting(v.optional(BaseAddress, 'https://sts.windows.net')),
});
export type CallerSettings = v.InferOutput<typeof CallerSettings>;
