/** Errors whose message is meant for the person at the terminal: no stack, no log line. */
const forPeople = new Set([
  'UsageError',
  'FolderInUse',
  'NotOwner',
  'PortInUse',
  'SettingsError',
  'NoPlatform',
  'DemoFailed',
  'LostSight',
  'NoSuccess',
  'OrchestratorFault',
]);

/** Runs a command of the command line: ends with the code that `main` returns, or with 1 and the reason. */
export const runCommand = async (main: () => Promise<number>): Promise<never> => {
  try {
    process.exit(await main());
  } catch (error) {
    if (error instanceof Error && forPeople.has(error.name)) console.error(error.message);
    else console.error(error);
    process.exit(1);
  }
};
