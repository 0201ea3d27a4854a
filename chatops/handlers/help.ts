import { evaluateForAuthor, listAllowedWork } from '../authorization.ts';
import type { CommandContext } from '../command-context.ts';
import { answerWith } from '../command-outcome.ts';
import { commandNames, commandSpecs, formatHelp, type CommandName } from '../command/index.ts';
import { isPolicyUnprotected } from '../policy-protection.ts';
import { isAtLeast, type PermissionLevel } from '../policy/permission-level.ts';
import * as answers from '../reply/answers/index.ts';
import type { Handler } from './handler.ts';

/** `/help`: shows the commands and the author's permissions. */
export const help: Handler<'help'> = async ({ intent: { about } }, context) => {
  const catalogue = await context.catalogue();
  const work = await listAllowedWork(context, catalogue);
  const level = await context.authorAccess.getLevel();
  const locks = (await evaluateForAuthor(context.policy.locks.allow, context)).allowed;
  const { author } = context.comment;
  const app = author.kind === 'person-via-app' ? author.app : undefined;
  const user = {
    login: author.login,
    app,
    accessLevel: level,
    allowedCommands: commandNames.filter((name) => isUsable(name, { ...work, locks })),
    allowedTasks: work.tasks,
  };
  const offer = { tasks: catalogue, compute: await context.computeOffer() };
  const text = formatHelp(about, offer, user, context.grammar);
  const warnings = context.policyProblems ? [answers.renderInvalidPolicyWarning(context.policyProblems)] : [];
  if (about === undefined && (await maySeeProtection(level, context)) && (await lacksProtection(context)))
    warnings.push(answers.unprotectedPolicyWarning);
  return answerWith([text, ...warnings].join('\n\n'), 'shown');
};

/** Returns whether to show weaknesses of the policy: only to people who can change it. For others nothing more is looked up. */
const maySeeProtection = async (level: PermissionLevel, context: CommandContext): Promise<boolean> =>
  isAtLeast(level, 'write') && !(await context.isReader());

const lacksProtection = ({ policy, comment, ports }: CommandContext): Promise<boolean> =>
  isPolicyUnprotected(policy, comment.thread.repository, ports.codeOwners);

/** Returns whether a command is of any use to someone with these permissions. */
const isUsable = (name: CommandName, may: { tasks: string[]; compute: boolean; locks: boolean }): boolean => {
  if (name === 'compute') return may.compute;
  if (name === 'run') return may.tasks.length > 0;
  // Without a job id it lists the jobs of the thread, to anyone who can read it.
  if (name === 'status') return true;
  const { access } = commandSpecs[name];
  if (access === 'locks') return may.locks;
  return access === 'everyone' || access === 'read' || may.compute || may.tasks.length > 0;
};
