import { chooseLanguage } from '../contract/choose-language.ts';

/** The texts of the menu. An ampersand stands before the letter that Alt opens it with. */
export interface MenuTexts {
  readonly about: (app: string) => string;
  readonly settings: string;
  readonly services: string;
  readonly hide: (app: string) => string;
  readonly hideOthers: string;
  readonly unhide: string;
  readonly quit: (app: string) => string;

  readonly file: string;
  readonly openPhotos: string;
  readonly openFolder: string;
  readonly openRecent: string;
  readonly clearRecent: string;
  readonly samples: string;
  readonly export: string;
  readonly close: string;

  readonly edit: string;
  readonly undo: string;
  readonly redo: string;
  readonly cut: string;
  readonly copy: string;
  readonly paste: string;
  readonly pastePhoto: string;
  readonly selectAll: string;
  readonly copyCaption: string;
  readonly copyOverlay: string;
  readonly editCaption: string;
  readonly selectAllPhotos: string;
  readonly remove: string;
  readonly find: string;
  readonly replace: string;

  readonly view: string;
  readonly caption: string;
  readonly translate: string;
  readonly lookInside: string;
  readonly models: string;
  readonly learn: string;
  readonly review: string;
  readonly play: string;
  readonly contactSheet: string;
  readonly resetZoom: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly fullScreen: string;

  readonly window: string;
  readonly minimise: string;
  readonly zoomWindow: string;
  readonly front: string;

  /** No menu's: what is told at the end of a run over many photos. */
  readonly finished: (done: number, failed: number) => string;

  readonly help: string;
  readonly shortcuts: string;
  readonly paper: string;
}

const en: MenuTexts = {
  about: (app) => `About ${app}`,
  settings: 'Settings…',
  services: 'Services',
  hide: (app) => `Hide ${app}`,
  hideOthers: 'Hide Others',
  unhide: 'Show All',
  quit: (app) => `Quit ${app}`,

  file: '&File',
  openPhotos: 'Open Photos…',
  openFolder: 'Open Folder…',
  openRecent: 'Open Recent',
  clearRecent: 'Clear Menu',
  samples: 'Sample Photos',
  export: 'Export…',
  close: 'Close Window',

  edit: '&Edit',
  undo: 'Undo',
  redo: 'Redo',
  cut: 'Cut',
  copy: 'Copy',
  paste: 'Paste',
  pastePhoto: 'Paste Photo',
  selectAll: 'Select All',
  copyCaption: 'Copy Caption',
  copyOverlay: 'Copy Overlay',
  editCaption: 'Edit Caption',
  selectAllPhotos: 'Select All Photos',
  remove: 'Remove from Library',
  find: 'Find…',
  replace: 'Find and Replace…',

  view: '&View',
  caption: 'Caption',
  translate: 'Translate',
  lookInside: 'Look Inside',
  models: 'Models',
  learn: 'Learn',
  review: 'Review Captions',
  play: 'Play Through',
  contactSheet: 'Contact Sheet',
  resetZoom: 'Actual Size',
  zoomIn: 'Zoom In',
  zoomOut: 'Zoom Out',
  fullScreen: 'Full Screen',

  window: 'Window',
  minimise: 'Minimize',
  zoomWindow: 'Zoom',
  front: 'Bring All to Front',

  finished: (done, failed) =>
    failed === 0 ? `${done} photos captioned.` : `${done} photos captioned, ${failed} failed.`,

  help: '&Help',
  shortcuts: 'Keyboard Shortcuts',
  paper: 'The Paper: Show, Attend and Tell',
};

const de: MenuTexts = {
  about: (app) => `Über ${app}`,
  settings: 'Einstellungen …',
  services: 'Dienste',
  hide: (app) => `${app} ausblenden`,
  hideOthers: 'Andere ausblenden',
  unhide: 'Alle einblenden',
  quit: (app) => `${app} beenden`,

  file: '&Datei',
  openPhotos: 'Fotos öffnen …',
  openFolder: 'Ordner öffnen …',
  openRecent: 'Zuletzt geöffnet',
  clearRecent: 'Liste leeren',
  samples: 'Beispielfotos',
  export: 'Exportieren …',
  close: 'Fenster schließen',

  edit: '&Bearbeiten',
  undo: 'Rückgängig',
  redo: 'Wiederholen',
  cut: 'Ausschneiden',
  copy: 'Kopieren',
  paste: 'Einfügen',
  pastePhoto: 'Foto einfügen',
  selectAll: 'Alles auswählen',
  copyCaption: 'Beschreibung kopieren',
  copyOverlay: 'Bild mit Blicken kopieren',
  editCaption: 'Beschreibung bearbeiten',
  selectAllPhotos: 'Alle Fotos auswählen',
  remove: 'Aus der Liste nehmen',
  find: 'Suchen …',
  replace: 'Suchen und ersetzen …',

  view: '&Ansicht',
  caption: 'Bildtext',
  translate: 'Übersetzen',
  lookInside: 'Einblick',
  models: 'Modelle',
  learn: 'Lernen',
  review: 'Beschreibungen prüfen',
  play: 'Satz abspielen',
  contactSheet: 'Kontaktbogen',
  resetZoom: 'Originalgröße',
  zoomIn: 'Vergrößern',
  zoomOut: 'Verkleinern',
  fullScreen: 'Vollbild',

  window: 'Fenster',
  minimise: 'Im Dock ablegen',
  zoomWindow: 'Zoomen',
  front: 'Alle nach vorne bringen',

  finished: (done, failed) =>
    failed === 0 ? `${done} Fotos beschrieben.` : `${done} Fotos beschrieben, ${failed} misslungen.`,

  help: '&Hilfe',
  shortcuts: 'Tastenkürzel',
  paper: 'Der Aufsatz: Show, Attend and Tell',
};

const TEXTS: Readonly<Record<string, MenuTexts>> = { en, de };

/** @param setting 'system' or a language tag @param preferred tags that the system prefers */
export function menuTexts(setting: string, preferred: readonly string[]): MenuTexts {
  return TEXTS[chooseLanguage(setting, preferred, Object.keys(TEXTS))] ?? en;
}
