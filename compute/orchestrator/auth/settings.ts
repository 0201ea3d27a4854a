import * as v from 'valibot';
import { addressSetting, SettingsError } from '../../../runtime/settings.ts';
import { Sha256 } from '../../../contracts/json-values.ts';
import { scopes } from './caller.ts';

const namesMessage = 'expected "*" or a list of names';
const NamesSchema = v.union([v.literal('*'), v.array(v.string())], namesMessage);
const scopesMessage = `expected a list of ${scopes.join(', ')}`;

const lockPrefixMessage =
  'expected a scope such as github.com/1296269, or a scope, a space and the prefix of lock keys';
const LockPrefixSchema = v.pipe(
  v.string(lockPrefixMessage),
  v.regex(/^[\x21-\x7e]{1,200}(?: [a-z0-9._~/%-]{1,200})?$/, lockPrefixMessage),
  v.transform((text) => {
    const [scope = '', key = ''] = text.split(' ');
    return { scope, key };
  }),
);

const grantEntries = {
  scopes: v.pipe(v.array(v.picklist(scopes, scopesMessage), scopesMessage), v.minLength(1, scopesMessage)),
  /** The tasks that may be started and approved: none, unless they are named. */
  tasks: v.optional(NamesSchema, []),
  /** The algorithms of compute jobs. Those touch nothing but their own outputs, so without names they are all open. */
  algorithms: v.optional(NamesSchema, '*'),
  /** The locks that can be used: `<scope>` for all locks of a scope, `<scope> <prefix>` for locks with a key prefix. */
  locks: v.optional(v.array(LockPrefixSchema)),
  /** Whether it is for a bot or an Action that answers comments and verifies their authors. */
  entry: v.optional(v.boolean('expected true or false')),
};

const toTextSchema = (message: string) =>
  v.pipe(v.string(message), v.nonEmpty(message), v.maxLength(500, message));

/** Only jobs of these; without it, all jobs. */
const repositoryIds = v.optional(
  v.array(v.pipe(v.number('expected a numeric id'), v.integer('expected a numeric id'))),
);

/** A key, as the operator lists it: never itself, only its digest. */
export const KeyRule = v.strictObject(
  {
    /** Whose it is; stands in the log. */
    name: toTextSchema('expected whose key it is'),
    /** The sha256 of the key's UTF-8 bytes, lowercase hex. */
    sha256: Sha256,
    repositories: repositoryIds,
    ...grantEntries,
  },
  'expected an object with name, sha256, scopes, and optionally repositories, tasks, algorithms, locks, entry',
);
export type KeyRule = v.InferOutput<typeof KeyRule>;

const repositoryIdMessage = 'expected the numeric id of a repository, as text';

/** Which workflows of GitHub Actions are trusted with what. All that is given must hold of the token's claims. */
const WorkflowRule = v.strictObject(
  {
    repositoryId: v.pipe(v.string(repositoryIdMessage), v.regex(/^\d{1,15}$/, repositoryIdMessage)),
    /** The run's ref: `refs/heads/main`, `refs/tags/v*`; `*` stands for anything but "/", `**` for anything. */
    ref: v.optional(toTextSchema('expected a ref such as refs/heads/main')),
    environment: v.optional(toTextSchema('expected the name of an environment')),
    /** The run's workflow or, of a reusable one, the job's: `owner/name/.github/workflows/file.yml`, at any ref, or with `@<ref>`. */
    workflowRef: v.optional(
      v.pipe(
        toTextSchema('expected a workflow'),
        v.regex(/\.ya?ml(?:@.+)?$/, 'expected owner/name/.github/workflows/<file>.yml, or that and @<ref>'),
      ),
    ),
    eventName: v.optional(
      v.pipe(v.array(toTextSchema('expected an event')), v.minLength(1, 'expected a list of events')),
    ),
    ...grantEntries,
  },
  'expected an object with repositoryId, scopes, and optionally ref, environment, workflowRef, eventName, tasks, algorithms, locks, entry',
);
export type WorkflowRule = v.InferOutput<typeof WorkflowRule>;

/** An id of a tenant or an application of Entra, in lower case. */
export const Guid = v.pipe(
  v.string('expected a GUID'),
  v.regex(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i, 'expected a GUID'),
  v.toLowerCase(),
);

/** Which application of Entra is trusted with what, when it calls as itself. */
const ApplicationRule = v.strictObject(
  {
    /** The directory it calls from. */
    tenant: Guid,
    /** The application's own id; of a managed identity its client id. */
    clientId: Guid,
    repositories: repositoryIds,
    ...grantEntries,
  },
  'expected an object with tenant, clientId, scopes, and optionally repositories, tasks, algorithms, locks, entry',
);
export type ApplicationRule = v.InferOutput<typeof ApplicationRule>;

/** Whose tokens are trusted. A mistake is told of the kind of rule that it looks like. */
export const TrustRule = v.lazy((given): v.GenericSchema<unknown, TrustRule> =>
  typeof given === 'object' && given !== null && ('tenant' in given || 'clientId' in given)
    ? ApplicationRule
    : WorkflowRule,
);
export type TrustRule = WorkflowRule | ApplicationRule;

export const isApplicationRule = (rule: TrustRule): rule is ApplicationRule => 'tenant' in rule;
export const isWorkflowRule = (rule: TrustRule): rule is WorkflowRule => !isApplicationRule(rule);

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

/** Tokens are trusted, and nobody has said for whom they have to be made. @param name the variable that would say it */
export const toMissingAudienceError = (name: string): SettingsError =>
  new SettingsError(
    `The environment is not right.\n  ${name}: expected the audience of tokens, received nothing`,
  );
