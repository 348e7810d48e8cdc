// `node --import` this: whatever imports "electron" gets the fake.
import { register } from 'node:module';

const fake = new URL('./electron.mjs', import.meta.url).href;
const hooks = `export const resolve = (specifier, context, next) =>
  specifier === 'electron' ? { url: ${JSON.stringify(fake)}, shortCircuit: true } : next(specifier, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
