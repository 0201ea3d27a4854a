// A fake of `@azure/functions-core`, which only the Functions host has. Prints the registered functions when the app exits, and
// whether the host must stream HTTP.
const Module = require('node:module');

const registered = [];
let model;
let streams = false;
const core = {
  version: '4.0.0',
  setProgrammingModel: (given) => (model = given),
  registerHook: () => {},
  log: () => {},
  registerFunction: ({ name, bindings }) => registered.push({ name, bindings: Object.values(bindings) }),
};
const load = Module._load;
Module._load = (request, ...rest) => (request === '@azure/functions-core' ? core : load(request, ...rest));
process.once('beforeExit', () => {
  void model.getCapabilities({}).then((capabilities) => {
    streams = 'HttpUri' in capabilities;
    process.exit();
  });
});
process.on('exit', () => console.log(JSON.stringify({ functions: registered, streams })));
