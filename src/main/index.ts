import { app, dialog } from 'electron';
import { damageOf } from './sealed-files.ts';

// This file becomes out/main/index.js. It needs nothing but Electron and Node: what lies beside the archive runs only after
// it was looked through. Electron becomes ready only after this module has run to its end.
const damage = await damageOf();
if (damage === undefined) await import('./app.ts');
else {
  dialog.showErrorBox(app.name, damage);
  app.exit(1);
}
