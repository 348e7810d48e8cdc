import type { Place, Thing } from '../../../../engine/laboratory/stories/story.ts';
import type { LearnTexts } from '../en.ts';

const to: Record<Place, string> = {
  kitchen: 'in die Küche',
  garden: 'in den Garten',
  office: 'ins Büro',
  attic: 'auf den Dachboden',
  cellar: 'in den Keller',
};
const at: Record<Place, string> = {
  kitchen: 'in der Küche',
  garden: 'im Garten',
  office: 'im Büro',
  attic: 'auf dem Dachboden',
  cellar: 'im Keller',
};
const subject: Record<Thing, string> = { apple: 'der Apfel', book: 'das Buch', key: 'der Schlüssel' };
const pronoun: Record<Thing, string> = { apple: 'er', book: 'es', key: 'er' };
const object: Record<Thing, string> = { apple: 'den Apfel', book: 'das Buch', key: 'den Schlüssel' };

/** The memory network of Learn in German. */
export const de: LearnTexts['stories'] = {
  intro:
    'Ein Memory Network liest Tatsachen und beantwortet Fragen dazu. Es schaut auf alle Tatsachen zugleich, nimmt das Gefundene in seine Frage auf und schaut noch einmal: Jeder Blick ist ein Hop. Wo ist das Buch? Ein Blick findet, wer es nahm; wo sie jetzt ist, braucht einen zweiten. Lassen Sie es eine Tatsache vergessen und sehen Sie, was aus der Antwort wird.',
  facts: 'Die Geschichte',
  question: 'Frage',
  hops: 'Hops',
  hopCount: (hops) => (hops === 1 ? '1 Hop' : `${hops} Hops`),
  hop: (number) => `Hop ${number}`,
  nowhere: 'keine Tatsache',
  forget: 'Vergessen',
  remember: 'Erinnern',
  remove: 'Entfernen',
  clear: 'Leeren',
  another: 'Andere Geschichte',
  tell: 'Hinzufügen',
  full: 'Eine Geschichte hat höchstens zwölf Tatsachen.',
  answer: 'Antwort',
  says: (answer) => `Das Netz sagt: ${answer}.`,
  follows: (answer) => `Aus den Tatsachen folgt: ${answer}.`,
  right: 'richtig',
  wrong: 'falsch',
  because: 'Aus dieser Tatsache folgt die richtige Antwort:',
  becauseHint: 'Ein Punkt steht vor den Tatsachen, aus denen die richtige Antwort folgt.',
  was: (percent) => `vorher: ${percent}`,
  paper: 'Sukhbaatar u. a. 2015',

  kinds: {
    person: 'Wo ist jemand?',
    thing: 'Wo ist etwas?',
    before: 'Wo war etwas vorher?',
    whether: 'Ist jemand dort?',
    list: 'Was trägt jemand?',
  },
  verbs: { went: 'ging', took: 'nahm', left: 'ließ zurück' },
  who: 'Wer',
  did: 'Was geschah',
  what: 'Was oder wohin',
  whichThing: 'Welcher Gegenstand',
  whichPlace: 'Welcher Ort',
  places: at,
  things: subject,
  to: (place) => to[place],
  object: (thing) => object[thing],

  went: (person, place) => `${person} ging ${to[place]}.`,
  took: (person, thing) => `${person} nahm ${object[thing]}.`,
  left: (person, thing) => `${person} ließ ${object[thing]} zurück.`,
  wherePerson: (person) => `Wo ist ${person}?`,
  whereThing: (thing) => `Wo ist ${subject[thing]}?`,
  whereBefore: (thing, place) => `Wo war ${subject[thing]}, bevor ${pronoun[thing]} ${at[place]} war?`,
  whether: (person, place) => `Ist ${person} ${at[place]}?`,
  carries: (person) => `Was trägt ${person}?`,

  answers: { yes: 'ja', no: 'nein', unknown: 'niemand sagte es', nothing: 'nichts' },
  and: ' und ',
};
