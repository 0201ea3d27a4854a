// A fake of `@azure/functions-core`, which only the Functions host has. Prints the registered functions when the app exits.
const Module = require('node:module');

const registered = [];
const core = {
  version: '4.0.0',
  setProgrammingModel: () => {},
  registerHook: () => {},
  log: () => {},
  registerFunction: ({ name, bindings }) => registered.push({ name, bindings: Object.values(bindings) }),
};
const load = Module._load;
Module._load = (request, ...rest) => (request === '@azure/functions-core' ? core : load(request, ...rest));
process.on('exit', () => console.log(JSON.stringify(registered)));
