import { type Command } from 'commander';
import type { On } from './on.ts';
import { connect, jsonOption } from './options.ts';

/** Adds the commands about the catalogue of tasks. */
export const addTaskCommands = (program: Command, on: On): void => {
  program.commandsGroup('Tasks:');
  const tasks = program
    .command('tasks')
    .summary('list tasks, or check definitions of tasks')
    .description('Lists tasks, or checks definitions of tasks.');
  connect(
    tasks
      .command('list')
      .description("Lists the tasks of the orchestrator's catalogue, with their parameters.")
      .addOption(jsonOption()),
  ).action(on(async () => (await import('../commands/tasks.ts')).listTasks));
  tasks
    .command('validate')
    .description('Checks the definitions in a folder (*.json) and their scripts, without an orchestrator.')
    .argument('<folder>', 'the folder, such as compute/tasks')
    .addOption(jsonOption())
    .action(on(async () => (await import('../commands/tasks.ts')).validateTasks));
};
