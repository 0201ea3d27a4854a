import { toFolderVariables, type ProgramFolder, type ProgramUser } from '../../../runtime/program-user.ts';
import { outputDirName } from '../../../contracts/task-files.ts';
import type { IdentitySource } from '../identity/wait-for-identity.ts';
import type { RunOrder } from '../run-spec.ts';

type EnvironmentOptions = {
  order: RunOrder;
  folder: ProgramFolder;
  /** The user as which the script runs; undefined for our own user. */
  user: ProgramUser | undefined;
  outputDir: string;
  isContainer: boolean;
  identity: IdentitySource;
};

/** Returns the whole environment of a script: none of our own variables, except those that it needs. */
export const buildScriptEnvironment = (options: EnvironmentOptions): Record<string, string> => {
  const { order, folder, user, outputDir, isContainer } = options;
  return {
    ...getInheritedVariables(),
    // The home folder of an image's user is often missing or read-only. On one machine, the tools of its user find their files.
    ...(isContainer && { HOME: folder.work }),
    ...toFolderVariables(user, folder),
    ...getIdentityVariables(options),
    [outputDirName]: outputDir,
    ...order.parameters,
  };
};

const getInheritedVariables = (): Record<string, string> => {
  const { PATH = '/usr/local/bin:/usr/bin:/bin', HOME = '/', LANG = 'C.UTF-8' } = process.env;
  return { PATH, HOME, LANG };
};

/**
 * Returns the variables with which Azure's tools find the identity that the definition names; none if it names none, because the group
 * then has only the identity that pulls its image.
 */
const getIdentityVariables = ({ order, identity }: EnvironmentOptions): Record<string, string> =>
  order.identity
    ? {
        AZURE_CLIENT_ID: order.identity.clientId,
        ...(identity.endpoint !== undefined && { IDENTITY_ENDPOINT: identity.endpoint }),
        ...(identity.header !== undefined && { IDENTITY_HEADER: identity.header }),
      }
    : {};
