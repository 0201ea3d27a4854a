import * as v from 'valibot';
import { taskNameSource } from '../../contracts/names.ts';
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
import { durationUpTo } from './duration.ts';
import { notifyOptions } from './policy.ts';
import { RuleFile } from './rule-schema.ts';
import { ComputeFile, TaskFile } from './task-schema.ts';

const prefixDescription = 'a lower-case letter, then at most 31 lower-case letters, digits or -';

const prefix = strictMapping({
  name: v.optional(
    v.pipe(
      textMatching(/^[a-z][a-z0-9-]{0,31}$/, prefixDescription),
      v.notValues(commandNames, 'a word that is not a command'),
      describe(
        'The word that can precede a command: `/cox help`. It cannot be the name of a command.',
        'ops',
      ),
    ),
    'cox',
  ),
  required: v.optional(
    v.pipe(
      booleanValue,
      describe('Whether commands must have the prefix, so that two bots can share a repository.'),
    ),
    false,
  ),
});

const threads = strictMapping({
  issues: v.optional(v.pipe(booleanValue, describe('Whether commands are accepted on issues.')), true),
  pullRequests: v.optional(
    v.pipe(booleanValue, describe('Whether commands are accepted on pull requests.')),
    true,
  ),
  labels: v.optional(
    v.pipe(
      listUpTo(textMatching(/^.{1,50}$/, 'the name of a label, at most 50 characters'), 100),
      describe(
        'Commands are accepted only on threads with one of these labels. An empty list accepts all threads.',
        ['ops'],
      ),
    ),
    [],
  ),
});

const taskName = textMatching(
  new RegExp(String.raw`^(?:\*|${taskNameSource})$`),
  'the name of a task (a letter, then letters, digits, _ or -), or *',
);

/** The schema of `.github/coxswain.yml`. Converts times to seconds, logins and teams to lower case, and fills in defaults. */
export const PolicyFile = strictMapping({
  version: v.pipe(v.literal(1, '1'), describe('The version of this format. Required.')),
  entry: v.optional(
    v.pipe(
      choice(['app', 'action']),
      describe(
        'Which of the two answers if both bot and Action are installed. By default, the first that claims a comment.',
      ),
    ),
  ),
  prefix: v.optional(v.pipe(prefix, describe('The word that addresses the bot.')), {}),
  tasks: v.optional(
    v.pipe(
      plainMapping,
      v.record(taskName, TaskFile),
      describe('Rules for `/run`, by exact task name. `*` applies to all tasks that are not named.'),
    ),
    {},
  ),
  compute: v.optional(v.pipe(ComputeFile, describe('Rules for `/compute`.')), {}),
  locks: v.optional(
    v.pipe(
      strictMapping({
        allow: v.optional(
          v.pipe(RuleFile, describe('Who can take and release locks manually, with `/lock` and `/unlock`.')),
          { permission: 'write' },
        ),
        for: v.optional(
          v.pipe(
            durationUpTo('7d'),
            describe(
              'How long a lock that was taken with `/lock` lasts, unless the command says otherwise.',
              '8h',
            ),
          ),
        ),
        until: v.optional(
          v.pipe(
            choice(['closed', 'released']),
            describe(
              'Whether a lock that was taken with `/lock` ends when its issue or pull request is closed, unless the command says otherwise.',
              'closed',
            ),
          ),
          'released',
        ),
      }),
      describe('Locks that people take.'),
    ),
    {},
  ),
  threads: v.optional(v.pipe(threads, describe('Where commands are accepted.')), {}),
  notify: v.optional(
    v.pipe(
      strictMapping({
        when: v.optional(
          v.pipe(
            choice(notifyOptions),
            describe(
              'When to announce the end of a job in a new comment that mentions the requester; an edit notifies nobody. `long`: if the job took over 5 minutes.',
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
    v.pipe(booleanValue, describe('Whether to show each job of a pull request as a check run.')),
    false,
  ),
});
export type PolicyFile = v.InferOutput<typeof PolicyFile>;
