import * as v from 'valibot';
import { commandNames } from '../command/command.ts';
import {
  describe,
  plainMapping,
  choice,
  booleanValue,
  listUpTo,
  strictMapping,
  textMatching,
} from './schema-helpers.ts';
import { notifyOptions } from './policy.ts';
import { RuleFile } from './rule-schema.ts';
import { ComputeFile, TaskFile } from './task-schema.ts';

const prefixDescription = 'a lower-case letter, then at most 31 lower-case letters, digits or -';

const prefix = strictMapping({
  name: v.optional(
    v.pipe(
      textMatching(/^[a-z][a-z0-9-]{0,31}$/, prefixDescription),
      v.notValues(commandNames, 'a word that is no command'),
      describe('The word before a command: `/cox help`. Not the name of a command.', 'ops'),
    ),
    'cox',
  ),
  required: v.optional(
    v.pipe(
      booleanValue,
      describe('Whether a command without it is none: so that two bots share a repository.'),
    ),
    false,
  ),
});

const threads = strictMapping({
  issues: v.optional(v.pipe(booleanValue, describe('Whether commands are taken on issues.')), true),
  pullRequests: v.optional(
    v.pipe(booleanValue, describe('Whether commands are taken on pull requests.')),
    true,
  ),
  labels: v.optional(
    v.pipe(
      listUpTo(textMatching(/^.{1,50}$/, 'the name of a label, at most 50 characters'), 100),
      describe('Commands are taken only on threads with one of these labels; an empty list: on all.', [
        'ops',
      ]),
    ),
    [],
  ),
});

const taskName = textMatching(
  /^(?:\*|[A-Za-z][A-Za-z0-9_-]{0,62})$/,
  'the name of a task (a letter, then letters, digits, _ or -), or *',
);

/** `.github/coxswain.yml`. Reads times as seconds, logins and teams in lower case, and fills in what is left out. */
export const PolicyFile = strictMapping({
  version: v.pipe(v.literal(1, '1'), describe('The version of this format. Required.')),
  entry: v.optional(
    v.pipe(
      choice(['app', 'action']),
      describe(
        'Which entry answers where bot and Action are both installed. Left out: whoever comes to a comment first.',
      ),
    ),
  ),
  prefix: v.optional(v.pipe(prefix, describe('The word that names the bot.')), {}),
  tasks: v.optional(
    v.pipe(
      plainMapping,
      v.record(taskName, TaskFile),
      describe(
        'What holds for `/run`, by the exact name of the task; under `*` for every task that is not named.',
      ),
    ),
    {},
  ),
  compute: v.optional(v.pipe(ComputeFile, describe('What holds for `/compute`.')), {}),
  locks: v.optional(
    v.pipe(
      strictMapping({
        allow: v.optional(
          v.pipe(RuleFile, describe('Who may take and release locks by hand, with `/lock` and `/unlock`.')),
          { permission: 'write' },
        ),
      }),
      describe('Locks that persons take.'),
    ),
    {},
  ),
  threads: v.optional(v.pipe(threads, describe('Where commands are taken.')), {}),
  notify: v.optional(
    v.pipe(
      strictMapping({
        when: v.optional(
          v.pipe(
            choice(notifyOptions),
            describe(
              'When the end of a job is told by a new comment that mentions who asked for it: an edit notifies nobody. `long`: it took over 5 minutes.',
            ),
          ),
          'long',
        ),
      }),
      describe('Notifications.'),
    ),
    {},
  ),
  checks: v.optional(
    v.pipe(booleanValue, describe('Whether each job of a pull request shows as a check run.')),
    false,
  ),
});
export type PolicyFile = v.InferOutput<typeof PolicyFile>;
