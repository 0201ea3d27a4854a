import * as v from 'valibot';
import { Sha256 } from '../../formats/request.ts';
import { scopes } from './caller.ts';

const names = 'expected "*" or a list of names';
const Names = v.union([v.literal('*'), v.array(v.string())], names);
const scopeList = `expected a list of ${scopes.join(', ')}`;

const granted = {
  scopes: v.pipe(v.array(v.picklist(scopes, scopeList), scopeList), v.minLength(1, scopeList)),
  /** The tasks that may be started and approved: none, unless they are named. */
  tasks: v.optional(Names, []),
  /** The algorithms of compute jobs. Those touch nothing but their own outputs, so without names they are all open. */
  algorithms: v.optional(Names, '*'),
};

const text = (what: string) => v.pipe(v.string(what), v.nonEmpty(what), v.maxLength(500, what));

/** A key, as the operator lists it: never itself, only its digest. */
export const KeyRule = v.strictObject(
  {
    /** Whose it is; stands in the log. */
    name: text('expected whose key it is'),
    /** The sha256 of the key's UTF-8 bytes, lowercase hex. */
    sha256: Sha256,
    /** Only jobs of these; without it, all jobs. */
    repositories: v.optional(
      v.array(v.pipe(v.number('expected a numeric id'), v.integer('expected a numeric id'))),
    ),
    ...granted,
  },
  'expected an object with name, sha256, scopes, and no more than repositories, tasks, algorithms besides',
);
export type KeyRule = v.InferOutput<typeof KeyRule>;

const digits = 'expected the numeric id of a repository, as text';

/** Which workflows of GitHub Actions are trusted with what. All that is given must hold of the token's claims. */
export const TrustRule = v.strictObject(
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
  'expected an object with repositoryId, scopes, and no more than ref, environment, workflowRef, eventName, tasks, algorithms besides',
);
export type TrustRule = v.InferOutput<typeof TrustRule>;

const listOf = <const S extends v.GenericSchema>(rule: S) => {
  const message = 'expected a list as JSON';
  return v.optional(v.pipe(v.string(), v.parseJson(undefined, message), v.array(rule, message)), '[]');
};

const address = 'expected an https address';
/** Plain http only to this machine: keys that came over an open line would be anybody's. */
const Address = v.pipe(
  v.string(address),
  v.check((given) => {
    const { protocol, hostname } = URL.parse(given) ?? {};
    return (
      protocol === 'https:' || (protocol === 'http:' && /^(?:127\.|localhost$|\[::1\]$)/.test(hostname ?? ''))
    );
  }, address),
);

/** The settings that say who may call the HTTP API besides the platform itself. */
export const CallerSettings = v.object({
  /** Keys with scopes. */
  COXSWAIN_KEYS: listOf(KeyRule),
  /** Workflows of GitHub Actions that need no key. */
  COXSWAIN_TRUST: listOf(TrustRule),
  /** For whom a workflow's token has to be made; without it, the orchestrator's own address. */
  COXSWAIN_AUDIENCE: v.optional(text('expected an audience')),
  /** Who makes the tokens; of a GitHub Enterprise Server `https://<host>/_services/token`. */
  COXSWAIN_ISSUER: v.optional(Address, 'https://token.actions.githubusercontent.com'),
  /** Where the issuer's keys are; without it, below the issuer at `/.well-known/jwks`. */
  COXSWAIN_ISSUER_JWKS: v.optional(Address),
});
export type CallerSettings = v.InferOutput<typeof CallerSettings>;
