import * as v from 'valibot';
import { duration } from './duration.ts';
import { about, anyMapping, choice, countTo, listOf, mapping, textLike } from './schema-helpers.ts';
import { ApproversFile, RuleFile } from './rule-schema.ts';

const parameterName = textLike(
  /^[A-Za-z_][A-Za-z0-9_]{0,62}$/,
  'the name of a parameter: letters, digits and _, not a digit first',
);

/** The maximum length of a pattern, in characters. Syntax and size are checked for all patterns of a file together. */
export const maxPatternLength = 500;

const pattern = v.pipe(
  v.string('a pattern in RE2 syntax'),
  v.maxLength(maxPatternLength, `at most ${maxPatternLength} characters`),
);

const allowedValue = v.pipe(
  v.union([v.string(), v.number(), v.boolean()], 'a text, a number, true or false'),
  v.transform(String),
  v.maxLength(1_024, 'at most 1024 characters'),
);

const ValueFile = mapping({
  pattern: v.optional(
    v.pipe(
      pattern,
      about(
        'The value has to match it as a whole. [RE2 syntax](https://github.com/google/re2/wiki/Syntax).',
        'web-[0-9]+',
      ),
    ),
  ),
  allowed: v.optional(
    v.pipe(listOf(allowedValue, 1_000), about('The only values it may have.', ['eu', 'us'])),
  ),
});

const approval = mapping({
  from: v.pipe(
    ApproversFile,
    about('Who may approve: the same forms as `allow`. Only people can approve, and never the requester.', {
      teams: ['acme/oncall'],
    }),
  ),
  count: v.optional(v.pipe(countTo(10), about('How many different persons have to approve.')), 1),
  expires: v.optional(
    v.pipe(duration('30d'), about('After this time without approval the job ends.', '4h')),
    '24h',
  ),
});

const lock = mapping({
  key: v.pipe(
    textLike(
      /^(?:[A-Za-z0-9._~/-]|\$\{[A-Za-z_][A-Za-z0-9_]{0,62}\}){0,199}(?:[A-Za-z0-9._~-]|\$\{[A-Za-z_][A-Za-z0-9_]{0,62}\})$/,
      'letters, digits, . _ ~ - / and parameters as ${Name}, not ending with /',
    ),
    about(
      'Jobs whose key is the same run one after another. `${Name}` stands for the value of a parameter.',
      'vm/${VMName}',
    ),
  ),
  when: v.optional(
    v.pipe(choice(['queue', 'refuse']), about('While the lock is taken: wait for it, or end the job.')),
    'queue',
  ),
});

const limits = {
  timeout: v.optional(v.pipe(duration('7d'), about('The longest that a job may take.', '1h'))),
  concurrent: v.optional(
    v.pipe(countTo(1_000), about('How many such jobs of this repository run at once; others wait.', 2)),
  ),
};

const inputs = v.optional(v.pipe(countTo(10_000_000), about('The most inputs of a job.', 100_000)));

const rules = {
  allow: v.optional(
    v.pipe(
      RuleFile,
      about('Who may run it. `{}` means nobody.', { permission: 'maintain', teams: ['acme/ops'] }),
    ),
    { permission: 'write' },
  ),
  parameters: v.optional(
    v.pipe(
      anyMapping,
      v.record(parameterName, ValueFile),
      about(
        'What values have to be, by the name of their parameter, beyond what the definition of the task says. A named task must have the parameter; of `/compute` these are `algorithm`, `blockSize` and `inputs` too.',
        { VMName: { pattern: 'web-[0-9]+' } },
      ),
    ),
    {},
  ),
  approval: v.optional(v.pipe(approval, about('A job waits until other persons have approved it.'))),
  lock: v.optional(v.pipe(lock, about('A job waits until it has this lock, after its approval.'))),
};

const limitsOf = <const E extends v.ObjectEntries>(entries: E) =>
  v.optional(v.pipe(mapping(entries), about('Bounds. Those of the orchestrator’s operator win.')), {});

/** What holds for one task, as the policy file says it. */
export const TaskFile = mapping({ ...rules, limits: limitsOf(limits) });
export type TaskFile = v.InferOutput<typeof TaskFile>;

/** What holds for `/compute`, as the policy file says it. */
export const ComputeFile = mapping({ ...rules, limits: limitsOf({ ...limits, inputs }) });
export type ComputeFile = v.InferOutput<typeof ComputeFile>;
