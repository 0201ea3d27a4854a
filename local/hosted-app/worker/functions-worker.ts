import { Server as HttpServer } from 'node:http';
import { Module, createRequire } from 'node:module';
import { Server } from 'node:net';
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';
import type { Logger } from '../../../runtime/log.ts';
import { Binding, type ProgrammingModel } from './programming-model.ts';

/*
 * Loads an app as the worker of Azure Functions for Node does (Azure/azure-functions-nodejs-worker: src/setupCoreModule.ts,
 * src/loadScriptFile.ts). No registry has this worker.
 */

const Metadata = v.object({ name: v.string(), bindings: v.record(v.string(), Binding) });

/** A function as the app registers it. `bindings`: by their names, the trigger's among them. */
export type RegisteredFunction = v.InferOutput<typeof Metadata> & {
  callback: (...inputs: unknown[]) => unknown;
};

/** A loaded app. */
export type FunctionsWorker = {
  functions: readonly RegisteredFunction[];
  model: ProgrammingModel;
  /** The address of the app's own server, to which the host passes HTTP requests if the app streams; otherwise undefined. */
  httpUri: string | undefined;
};

/** The version of the worker's API that the library `@azure/functions` expects at least. */
const coreVersion = '4.0.0';

/**
 * Loads the scripts of an app, and returns what they register. Only one app can be loaded in a process.
 * @param scripts the absolute paths
 * @throws the error of a script, which keeps the whole app from starting
 */
export const loadApp = async (
  scripts: readonly string[],
  isModulePackage: boolean,
  log: Logger,
): Promise<FunctionsWorker> => {
  const functions: RegisteredFunction[] = [];
  let model: ProgrammingModel | undefined;
  let isLoading = true;
  provideCoreModule({
    version: coreVersion,
    hostVersion: coreVersion,
    setProgrammingModel: (given: ProgrammingModel) => void (model = given),
    getProgrammingModel: () => model,
    registerFunction: (metadata: unknown, callback: RegisteredFunction['callback']) => {
      if (!isLoading) throw new Error('A function can only be registered while the app starts');
      functions.push({ ...v.parse(Metadata, metadata), callback });
    },
    registerHook: () => {
      throw new Error('The hosted app runs no hooks');
    },
    log: (level: string, category: string, message: string) => writeLog(log, level, { category }, message),
  });
  for (const script of scripts) await loadScript(script, isModulePackage);
  isLoading = false;
  if (!model) throw new Error('The app registers no functions');
  const httpUri = await startHttpProxy(model);
  return { functions, model, httpUri };
};

/**
 * Lets the library start its own server, if the app streams, and returns its address. The library listens on all addresses of the
 * machine, which is right in a container of Azure's; here, the server listens on the loopback address.
 */
const startHttpProxy = async (model: ProgrammingModel): Promise<string | undefined> => {
  const prototype: { listen?: unknown } = HttpServer.prototype;
  prototype.listen = function listenOnLoopback(this: Server, onListening: () => void) {
    return Server.prototype.listen.call(this, { port: 0, host: '127.0.0.1' }, onListening);
  };
  try {
    const { HttpUri: uri } = await model.getCapabilities({});
    return uri?.replace('//localhost:', '//127.0.0.1:');
  } finally {
    // The method of its base class is in effect again.
    delete prototype.listen;
  }
};

/** Makes `require('@azure/functions-core')` return the module that only a worker has. */
const provideCoreModule = (core: object): void => {
  const prototype = Module.prototype as { require: (id: string) => unknown };
  prototype.require = new Proxy(prototype.require, {
    apply: (target, self, parameters) =>
      parameters[0] === '@azure/functions-core' ? core : Reflect.apply(target, self, parameters as [string]),
  });
};

const loadScript = async (path: string, isModulePackage: boolean): Promise<void> => {
  const isModule = path.endsWith('.mjs') || (isModulePackage && !path.endsWith('.cjs'));
  if (isModule) await import(pathToFileURL(path).href);
  else createRequire(import.meta.url)(path);
};

const levels: Readonly<Record<string, 'trace' | 'debug' | 'info' | 'warn' | 'error'>> = {
  trace: 'trace',
  debug: 'debug',
  information: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'error',
};

/** Writes a message of the app or its library with their own level. */
export const writeLog = (log: Logger, level: string, fields: object, message: string): void =>
  log[levels[level] ?? 'info'](fields, message);
