import { packagesOnlyOf } from './production-packages.mjs';

/**
 * What electron-builder packs: electron-builder.yml, without TensorFlow and what came with it. It is there to train
 * models, which the app does not; it would be nine tenths of it.
 */
export default {
  extends: 'electron-builder.yml',
  files: packagesOnlyOf('@tensorflow/tfjs-node').map((path) => `!${path}/**`),
};
