import * as v from 'valibot';
import { findAddressProblem } from '../../../runtime/secure-address.ts';
import { createSettingsError, setting, type SettingsError } from '../../../runtime/settings.ts';
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
  /** The tasks that can be started and approved; none by default. */
  tasks: v.optional(NamesSchema, []),
  /** The algorithms of compute jobs; all by default, because compute jobs change only their own outputs. */
  algorithms: v.optional(NamesSchema, '*'),
  /** The locks that can be used: `<scope>` for all locks of a scope, `<scope> <prefix>` for locks with a key prefix. */
  locks: v.optional(v.array(LockPrefixSchema)),
  /** Whether its holder is a bot or an Action that answers comments and verifies their authors. */
  entry: v.optional(v.boolean('expected true or false')),
};

const toTextSchema = (message: string) =>
  v.pipe(v.string(message), v.nonEmpty(message), v.maxLength(500, message));

/** The repositories to which the grant is restricted; all jobs without it. */
const repositoryIds = v.optional(
  v.array(v.pipe(v.number('expected a numeric id'), v.integer('expected a numeric id'))),
);

/** A key in the operator's list, which contains only its digest. */
export const KeyRule = v.strictObject(
  {
    /** The name of its holder, for the log. */
    name: toTextSchema('expected the name of the key holder'),
    /** The sha256 of the key's UTF-8 bytes, lowercase hex. */
    sha256: Sha256,
    repositories: repositoryIds,
    ...grantEntries,
  },
  'expected an object with name, sha256, scopes, and optionally repositories, tasks, algorithms, locks, entry',
);
export type KeyRule = v.InferOutput<typeof KeyRule>;

const repositoryIdMessage = 'expected the numeric id of a repository, as text';

/** The grant of GitHub Actions workflows. All fields that are set must match the token's claims. */
const WorkflowRule = v.strictObject(
  {
    repositoryId: v.pipe(v.string(repositoryIdMessage), v.regex(/^\d{1,15}$/, repositoryIdMessage)),
    /** The run's ref: `refs/heads/main`, `refs/tags/v*`. `*` matches anything except "/", `**` matches anything. */
    ref: v.optional(toTextSchema('expected a ref such as refs/heads/main')),
    environment: v.optional(toTextSchema('expected the name of an environment')),
    /** The workflow of the run, or of the job if it is reusable: `owner/name/.github/workflows/file.yml` at any ref, or with `@<ref>`. */
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

/** The id of an Entra tenant or application, in lower case. */
export const Guid = v.pipe(
  v.string('expected a GUID'),
  v.regex(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i, 'expected a GUID'),
  v.toLowerCase(),
);

/** The grant of an Entra application that calls as itself. */
const ApplicationRule = v.strictObject(
  {
    /** Its tenant. */
    tenant: Guid,
    /** The application's id, or the client id of a managed identity. */
    clientId: Guid,
    repositories: repositoryIds,
    ...grantEntries,
  },
  'expected an object with tenant, clientId, scopes, and optionally repositories, tasks, algorithms, locks, entry',
);
export type ApplicationRule = v.InferOutput<typeof ApplicationRule>;

/** A rule that trusts tokens. A problem is reported for the kind of rule that the input resembles. */
export const TrustRule = v.lazy((input): v.GenericSchema<unknown, TrustRule> =>
  typeof input === 'object' && input !== null && ('tenant' in input || 'clientId' in input)
    ? ApplicationRule
    : WorkflowRule,
);
export type TrustRule = WorkflowRule | ApplicationRule;

export const isApplicationRule = (rule: TrustRule): rule is ApplicationRule => 'tenant' in rule;
export const isWorkflowRule = (rule: TrustRule): rule is WorkflowRule => !isApplicationRule(rule);

const toListSchema = <const S extends v.GenericSchema>(rule: S) => {
  const message = 'expected a list as JSON';
  return v.optional(v.pipe(v.string(message), v.parseJson(undefined, message), v.array(rule, message)), '[]');
};

/** Addresses must use https, because keys on an unencrypted connection could be replaced. */
const addressMessage = 'expected an https address';
const Address = v.pipe(v.string(addressMessage), v.url(addressMessage));

/** An address without trailing slashes. */
const BaseAddress = v.pipe(
  Address,
  v.transform((url) => url.replace(/\/+$/, '')),
);

const sameRepositoriesMessage = 'expected the same repositories in all rules of one application';
/**
 * Returns whether all rules of each application have the same repositories. Otherwise, the scopes of one rule would combine with the
 * repositories of another.
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

const TrustRules = v.pipe(toListSchema(TrustRule), v.check(haveSameRepositories, sameRepositoriesMessage));

/**
 * Returns the setting of trusted workflows and applications.
 * @param addressName the setting with the orchestrator's own address, the default audience of workflows; missing if it is always known
 */
export const trustSetting = (addressName?: string) =>
  setting(
    'GitHub Actions workflows and Entra applications that need no key. See [Callers](formats.md#callers).',
    TrustRules,
    {
      requires: (text, environment) => {
        const { output: rules, success } = v.safeParse(TrustRules, text);
        if (!success) return [];
        const hasAudience = addressName === undefined || (environment[addressName] ?? '') !== '';
        return [
          ...(rules.some(isWorkflowRule) && !hasAudience ? ['COXSWAIN_AUDIENCE'] : []),
          ...(rules.some(isApplicationRule) ? ['COXSWAIN_ENTRA_AUDIENCE'] : []),
        ];
      },
    },
  );

/** The settings that define the callers of the HTTP API besides the platform itself. */
export const CallerSettings = v.object({
  COXSWAIN_KEYS: setting(
    'Keys with scopes, by their digests. See [Callers](formats.md#callers).',
    toListSchema(KeyRule),
  ),
  COXSWAIN_TRUST: trustSetting(),
  COXSWAIN_AUDIENCE: setting(
    'The audience that workflows’ tokens must have.',
    v.optional(toTextSchema('expected an audience')),
    { whenMissing: 'the orchestrator’s own address, without a slash at the end' },
  ),
  COXSWAIN_ISSUER: setting(
    'The issuer of workflows’ tokens. For GitHub Enterprise Server, use `https://<host>/_services/token`.',
    v.optional(Address, 'https://token.actions.githubusercontent.com'),
    { checks: [findAddressProblem] },
  ),
  COXSWAIN_ISSUER_JWKS: setting('The address of the issuer’s keys.', v.optional(Address), {
    whenMissing: 'the issuer’s address and `/.well-known/jwks`',
    checks: [findAddressProblem],
  }),
  COXSWAIN_ENTRA_AUDIENCE: setting(
    'The audience that applications’ tokens must have: the URI of the orchestrator’s own application in Entra, or its id. `api://<id>` accepts both. Required if `COXSWAIN_TRUST` names an application.',
    v.optional(toTextSchema('expected an audience')),
    { whenMissing: 'none' },
  ),
  COXSWAIN_ENTRA_AUTHORITY: setting(
    'The address of Entra, which issues v2.0 tokens and serves the keys of both versions. In other clouds, use `https://login.microsoftonline.us` or `https://login.partner.microsoftonline.cn`.',
    v.optional(BaseAddress, 'https://login.microsoftonline.com'),
    { checks: [findAddressProblem] },
  ),
  COXSWAIN_ENTRA_STS: setting(
    'The issuer of Entra’s v1.0 tokens. In China, use `https://sts.chinacloudapi.cn`.',
    v.optional(BaseAddress, 'https://sts.windows.net'),
    { checks: [findAddressProblem] },
  ),
});
export type CallerSettings = v.InferOutput<typeof CallerSettings>;

/** Builds the error for trusted tokens without an audience. @param name the missing variable */
export const toMissingAudienceError = (name: string): SettingsError =>
  createSettingsError([`${name}: expected the audience of tokens, received nothing`]);
