import { formatConfig } from '../runtime/print-config.ts';
import { readSettingSources } from '../runtime/secret-settings.ts';
import { SettingFiles } from '../runtime/setting-files.ts';
import { getFileSettings } from '../runtime/settings.ts';
import { readAppFile } from './install/app-file.ts';
import { hasAppSettings, readUnregisteredSettings } from './settings.ts';
import { BotEnvironment, UnregisteredEnvironment } from './settings-schema.ts';

/**
 * Prints the bot's settings to stdout, and where its GitHub App comes from. Returns the exit code.
 * @throws SettingsError if they are not valid, or the file of the app is not
 */
export const printBotConfig = async (): Promise<number> => {
  const sources = await readSettingSources(new SettingFiles(getFileSettings(BotEnvironment)));
  const isConfigured = hasAppSettings(sources.environment);
  const config = formatConfig('bot', isConfigured ? BotEnvironment : UnregisteredEnvironment, sources);
  const app = isConfigured ? '' : await describeAppFile(sources.environment);
  process.stdout.write(`${config}${app}`);
  return 0;
};

const describeAppFile = async (environment: NodeJS.ProcessEnv): Promise<string> => {
  const { appFile: path, github } = readUnregisteredSettings(environment);
  const app = await readAppFile(path, github.host);
  return app
    ? `# APP_ID=${app.id}, PRIVATE_KEY and WEBHOOK_SECRET come from ${path}\n`
    : `# APP_ID, PRIVATE_KEY and WEBHOOK_SECRET are not set, and ${path} does not exist: the bot starts its set-up page\n`;
};
