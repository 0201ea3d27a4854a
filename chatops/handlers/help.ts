import {
  commandNames,
  formatHelp,
  commandSpecs,
  formatTaskTable,
  type CommandName,
  type Intent,
} from '../command/index.ts';
import { isAtLeast, type PermissionLevel } from '../policy/permission-level.ts';
import * as say from '../reply/answers/index.ts';
import { listAllowedWork, evaluateForAuthor } from '../authorization.ts';
import { isPolicyUnprotected } from '../policy-protection.ts';
import { answerWith, type CommandOutcome, type CommandContext } from '../command-context.ts';

/** `/help`: the commands, and who one is here. */
export const showHelp = async (
  { about }: Extract<Intent, { kind: 'help' }>,
  visit: CommandContext,
): Promise<CommandOutcome> => {
  const catalogue = await visit.catalogue();
  const work = await listAllowedWork(visit, catalogue);
  const level = await visit.standing.level();
  const locks = (await evaluateForAuthor(visit.policy.locks.allow, visit)).allowed;
  const may = commandNames.filter((name) => isUsable(name, { ...work, locks }));
  const { author } = visit.comment;
  const app = author.kind === 'person-via-app' ? author.app : undefined;
  const standing = {
    login: author.login,
    app,
    accessLevel: level,
    allowedCommands: may,
    allowedTasks: work.tasks,
  };
  const text = formatHelp(about, catalogue, standing, visit.grammar);
  const warnings = visit.broken ? [say.renderInvalidPolicyWarning(visit.broken)] : [];
  if (about === undefined && (await maySeeProtection(visit, level)) && (await lacksPolicyProtection(visit)))
    warnings.push(say.unprotectedPolicyWarning);
  return answerWith([text, ...warnings].join('\n\n'), 'shown');
};

/** Whether the author can change the policy, and may be told of its weak points. For strangers nothing more is looked up. */
const maySeeProtection = async (visit: CommandContext, level: PermissionLevel): Promise<boolean> =>
  isAtLeast(level, 'write') && !(await visit.isReader());

const lacksPolicyProtection = ({ policy, comment, ports }: CommandContext): Promise<boolean> =>
  isPolicyUnprotected(policy, comment.thread.repository, ports.codeOwners);

/** Whether a command can be of use to somebody who may do this much. */
const isUsable = (name: CommandName, may: { tasks: string[]; compute: boolean; locks: boolean }): boolean => {
  if (name === 'compute') return may.compute;
  if (name === 'run') return may.tasks.length > 0;
  // Without a job's id it lists those of the thread, for who may read it.
  if (name === 'status') return true;
  const { access } = commandSpecs[name];
  if (access === 'locks') return may.locks;
  return access === 'everyone' || access === 'read' || may.compute || may.tasks.length > 0;
};

/** `/tasks`: lists the catalogue, including definitions that are not valid. */
export const showTasks = async (visit: CommandContext): Promise<CommandOutcome> =>
  answerWith(formatTaskTable(await visit.catalogue(), await visit.invalidTasks()), 'shown');
