import * as v from 'valibot';
import { maxLockKeyLength } from '../../contracts/conditions.ts';
import { limits } from '../../contracts/job-request.ts';
import { parameterNamePattern, parameterNameSource } from '../../contracts/names.ts';
import { durationUpTo } from './duration.ts';
import {
  describe,
  plainMapping,
  choice,
  integerUpTo,
  listUpTo,
  strictMapping,
  textMatching,
} from './schema-helpers.ts';
import { ApproversFile, RuleFile } from './rule-schema.ts';

const parameterName = textMatching(
  parameterNamePattern,
  'the name of a parameter: letters, digits and _, not starting with a digit',
);

/** The maximum length of a pattern, in characters. Syntax and size are checked for all patterns of a file together. */
export const maxPatternLength = 500;

const pattern = v.pipe(
  v.string('a pattern in RE2 syntax'),
  v.maxLength(maxPatternLength, `at most ${maxPatternLength} characters`),
);

const allowedValue = v.pipe(
  v.union([v.string(), v.number(), v.boolean()], 'text, a number, true or false'),
  v.transform(String),
  v.maxLength(1_024, 'at most 1024 characters'),
);

const ValueFile = strictMapping({
  pattern: v.optional(
    v.pipe(
      pattern,
      describe(
        'The whole value must match it. [RE2 syntax](https://github.com/google/re2/wiki/Syntax).',
        'web-[0-9]+',
      ),
    ),
  ),
  allowed: v.optional(
    v.pipe(listUpTo(allowedValue, 1_000), describe('The only values it can have.', ['eu', 'us'])),
  ),
});

const approval = strictMapping({
  from: v.pipe(
    ApproversFile,
    describe(
      'Who can approve, in the same form as `allow`. Only people can approve, and never the requester.',
      {
        teams: ['acme/oncall'],
      },
    ),
  ),
  count: v.optional(v.pipe(integerUpTo(10), describe('How many different people must approve.')), 1),
  expires: v.optional(
    v.pipe(durationUpTo('30d'), describe('The job ends if it is not approved within this time.', '4h')),
    '24h',
  ),
});

const placeholder = String.raw`\$\{${parameterNameSource}\}`;
const lockKeyTemplate = new RegExp(
  `^(?:[A-Za-z0-9._~/-]|${placeholder}){0,${maxLockKeyLength - 1}}(?:[A-Za-z0-9._~-]|${placeholder})$`,
);

const lock = strictMapping({
  key: v.pipe(
    textMatching(lockKeyTemplate, 'letters, digits, . _ ~ - / and parameters as ${Name}, not ending with /'),
    describe(
      'Jobs with the same key run one after another. `${Name}` stands for the value of a parameter.',
      'vm/${VMName}',
    ),
  ),
  when: v.optional(
    v.pipe(
      choice(['queue', 'refuse']),
      describe('What to do while the lock is taken: wait for it, or end the job.'),
    ),
    'queue',
  ),
});

const limitEntries = {
  timeout: v.optional(v.pipe(durationUpTo('7d'), describe('The maximum duration of a job.', '1h'))),
  concurrent: v.optional(
    v.pipe(
      integerUpTo(1_000),
      describe('How many such jobs of this repository can run at once; others wait.', 2),
    ),
  ),
};

const inputs = v.optional(
  v.pipe(integerUpTo(limits.inputs), describe('The maximum number of inputs of a job.', 100_000)),
);

const workEntries = {
  allow: v.optional(
    v.pipe(
      RuleFile,
      describe('Who can run it. `{}` means nobody.', { permission: 'maintain', teams: ['acme/ops'] }),
    ),
    { permission: 'write' },
  ),
  parameters: v.optional(
    v.pipe(
      plainMapping,
      v.record(parameterName, ValueFile),
      describe(
        'Restrictions on values, by parameter name, in addition to those of the task’s definition. A named task must have the parameter. For `/compute`, `algorithm`, `blockSize` and `inputs` can be restricted, too.',
        { VMName: { pattern: 'web-[0-9]+' } },
      ),
    ),
    {},
  ),
  approval: v.optional(v.pipe(approval, describe('A job waits until other people have approved it.'))),
  lock: v.optional(v.pipe(lock, describe('After its approval, a job waits for this lock.'))),
};

const limitsSchema = <const E extends v.ObjectEntries>(entries: E) =>
  v.optional(
    v.pipe(strictMapping(entries), describe('Limits. Those of the orchestrator’s operator take precedence.')),
    {},
  );

/** The schema of the rules for one task. */
export const TaskFile = strictMapping({ ...workEntries, limits: limitsSchema(limitEntries) });
export type TaskFile = v.InferOutput<typeof TaskFile>;

/** The schema of the rules for `/compute`. */
export const ComputeFile = strictMapping({
  ...workEntries,
  limits: limitsSchema({ ...limitEntries, inputs }),
});
export type ComputeFile = v.InferOutput<typeof ComputeFile>;
