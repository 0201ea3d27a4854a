import * as v from 'valibot';
import { Sha256 } from '../../../contracts/job-request.ts';
import { scopes } from './caller.ts';

const names = 'expected "*" or a list of names';
const Names = v.union([v.literal('*'), v.array(v.string())], names);
const scopeList = `expected a list of ${scopes.join(', ')}`;

const lockPrefix =
  'expected a scope such as github.com/1296269, or a scope, a space and the prefix of lock keys';
const LockPrefix = v.pipe(
  v.string(lockPrefix),
  v.regex(/^[\x21-\x7e]{1,200}(?: [a-z0-9._~/%-]{1,200})?$/, lockPrefix),
  v.transform((text) => {
    const [scope = '', key = ''] = text.split(' ');
    return { scope, key };
  }),
);

const granted = {
  scopes: v.pipe(v.array(v.picklist(scopes, scopeList), scopeList), v.minLength(1, scopeList)),
  /** The tasks that may be started and approved: none, unless they are named. */
  tasks: v.optional(Names, []),
  /** The algorithms of compute jobs. Those touch nothing but their own outputs, so without names they are all open. */
  algorithms: v.optional(Names, '*'),
  /** The locks that can be used: `<scope>` for all locks of a scope, `<scope> <prefix>` for locks with a key prefix. */
  locks: v.optional(v.array(LockPrefix)),
  /** Whether it is for a bot or an Action that answers comments and verifies their authors. */
  entry: v.optional(v.boolean('expected true or false')),
};

export const text = (what: string) => v.pipe(v.string(what), v.nonEmpty(what), v.maxLength(500, what));

/** Only jobs of these; without it, all jobs. */
const repositories = v.optional(
  v.array(v.pipe(v.number('expected a numeric id'), v.integer('expected a numeric id'))),
);

/** A key, as the operator lists it: never itself, only its digest. */
export const KeyRule = v.strictObject(
  {
    /** Whose it is; stands in the log. */
    name: text('expected whose key it is'),
    /** The sha256 of the key's UTF-8 bytes, lowercase hex. */
    sha256: Sha256,
    repositories,
    ...granted,
  },
  'expected an object with name, sha256, scopes, and optionally repositories, tasks, algorithms, locks, entry',
);
export type KeyRule = v.InferOutput<typeof KeyRule>;

const digits = 'expected the numeric id of a repository, as text';

/** Which workflows of GitHub Actions are trusted with what. All that is given must hold of the token's claims. */
const WorkflowRule = v.strictObject(
  {
    repositoryId: v.pipe(v.string(digits), v.regex(/^\d{1,15}$/, digits)),
    /** The run's ref: `refs/heads/main`, `refs/tags/v*`; `*` stands for anything but "/", `**` for anything. */
    ref: v.optional(text('expected a ref such as refs/heads/main')),
    environment: v.optional(text('expected the name of an environment')),
    /** The run's workflow or, of a reusable one, the job's: `owner/name/.github/workflows/file.yml`, at any ref, or with `@<ref>`. */
    workflowRef: v.optional(
      v.pipe(
        text('expected a workflow'),
        v.regex(/\.ya?ml(?:@.+)?$/, 'expected owner/name/.github/workflows/<file>.yml, or that and @<ref>'),
      ),
    ),
    eventName: v.optional(
      v.pipe(v.array(text('expected an event')), v.minLength(1, 'expected a list of events')),
    ),
    ...granted,
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
    repositories,
    ...granted,
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

export const isOfApplication = (rule: TrustRule): rule is ApplicationRule => 'tenant' in rule;
export const isOfWorkflow = (rule: TrustRule): rule is WorkflowRule => !isOfApplication(rule);
