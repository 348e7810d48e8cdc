import { baseForms } from './base-forms.ts';

/** A more general word, with those under it. */
export interface Family {
  /** In the singular: "animal". */
  readonly word: string;
  readonly plural: string;
  /** Whether it takes no article and has no plural: "food". */
  readonly isMass: boolean;
}

// Written for this project, of what captions of photos speak of. Each word stands under the nearest family, and a family
// under its own; words that mostly mean something else in captions ("orange") are left out.
const FAMILIES: readonly (readonly [word: string, plural: string, members: string])[] = [
  [
    'person',
    'people',
    'man woman child player rider biker cyclist bicyclist skateboarder skater skier snowboarder surfer hiker climber ' +
      'performer dancer runner athlete worker tourist musician singer teenager teen adult pedestrian swimmer diver driver ' +
      'officer soldier photographer spectator student boxer wrestler gymnast jogger walker kayaker rower sailor vendor ' +
      'chef artist friend parent guitarist drummer batter pitcher catcher goalie fan customer shopper passenger',
  ],
  ['man', 'men', 'businessman cowboy fisherman policeman groom father brother grandfather'],
  ['woman', 'women', 'businesswoman bride mother sister grandmother'],
  ['child', 'children', 'boy girl baby toddler infant'],
  [
    'animal',
    'animals',
    'dog cat horse cow bull sheep goat bird elephant bear giraffe zebra pig deer wolf fox rabbit squirrel monkey lion tiger ' +
      'camel donkey fish shark whale dolphin turtle frog snake lamb calf otter seal kangaroo raccoon hamster cattle',
  ],
  [
    'dog',
    'dogs',
    'puppy pup terrier poodle greyhound labrador lab retriever husky collie shepherd dalmatian hound beagle bulldog pug ' +
      'dachshund rottweiler doberman chihuahua mutt schnauzer spaniel corgi mastiff setter dane',
  ],
  ['cat', 'cats', 'kitten'],
  ['horse', 'horses', 'pony stallion mare foal'],
  [
    'bird',
    'birds',
    'seagull gull pigeon parrot flamingo goose swan eagle hawk owl penguin heron chicken rooster hen pelican peacock ' +
      'ostrich duck',
  ],
  [
    'vehicle',
    'vehicles',
    'car truck bus train motorcycle bike plane boat van tractor atv scooter tram trolley helicopter ambulance cart wagon ' +
      'carriage trailer buggy',
  ],
  ['boat', 'boats', 'kayak canoe ship sailboat raft ferry yacht rowboat speedboat gondola'],
  ['car', 'cars', 'taxi cab jeep suv sedan minivan convertible'],
  [
    'food',
    '',
    'pizza cake sandwich fruit vegetable broccoli bread meat donut burger hamburger salad soup rice pasta noodle cheese ' +
      'cookie banana apple carrot fries pie egg breakfast lunch dinner meal snack dessert cupcake pastry',
  ],
  ['furniture', '', 'chair table couch bench bed desk stool armchair dresser cabinet'],
  ['room', 'rooms', 'kitchen bathroom bedroom office classroom gym hallway'],
  ['building', 'buildings', 'house church store restaurant castle barn temple skyscraper shop hotel tower cathedral'],
  ['ball', 'balls', 'football basketball baseball softball volleyball'],
  ['instrument', 'instruments', 'guitar drum piano violin trumpet saxophone accordion flute cello banjo'],
  ['shirt', 'shirts', 't-shirt tshirt jersey blouse sweatshirt tee'],
  ['jacket', 'jackets', 'coat parka vest'],
  ['hat', 'hats', 'cap helmet beanie sombrero'],
  [
    'clothing',
    '',
    'shirt jacket hat dress shorts pants jeans skirt suit uniform sweater costume swimsuit hoodie outfit clothes',
  ],
];

/** Words that captions use for the same. */
const SYNONYMS: readonly (readonly string[])[] = (
  'man guy gentleman male dude, woman lady female, child kid youngster, baby infant toddler, person human individual, ' +
  'bike bicycle cycle, motorcycle motorbike dirtbike, couch sofa, street road roadway, sidewalk pavement walkway, ' +
  'ocean sea, rock stone boulder, hill slope hillside, forest wood woods woodland, beach shore seashore coast, ' +
  'picture photo photograph image, tv television, jump leap hop, run sprint jog, look watch stare gaze, ' +
  'blond blonde, grey gray, bathroom restroom, car automobile, plane airplane jet aircraft, two couple pair both, ' +
  'grass lawn grassy, field meadow pasture, yard backyard, little small tiny young, big large huge giant, rope leash, ' +
  'stick branch, trail path, lay lie, trick stunt, snow snowy, sand sandy, rock rocky, mud muddy, wood wooden, ' +
  'talk chat converse, hold carry, sunglasses shades, mountain mountainous, seat sit, clothes clothing'
)
  .split(', ')
  .map((words) => words.split(' '));

const families = new Map<string, Family>();
const above = new Map<string, Family>();
const synonymsOf = new Map<string, Set<string>>();
for (const [word, plural, members] of FAMILIES) {
  const family = { word, plural: plural || word, isMass: plural === '' };
  families.set(word, family);
  for (const member of members.split(' ')) above.set(member, family);
}
for (const words of SYNONYMS) {
  for (const word of words) synonymsOf.set(word, new Set([...(synonymsOf.get(word) ?? []), ...words]));
}

/** The families of a word, from the nearest up: of "boys" child and person. */
export function familiesOf(word: string): Family[] {
  const found: Family[] = [];
  for (const form of baseForms(word)) {
    for (let family = above.get(form); family; family = above.get(family.word)) found.push(family);
    if (found.length > 0) break;
  }
  return found;
}

/** Whether a word names one of a family: "puppies" of animal. The family's own word does. */
export function isOf(word: string, { word: name }: Family): boolean {
  return baseForms(word).has(name) || familiesOf(word).some((family) => family.word === name);
}

/**
 * Base forms that somebody who says a word confirms with it: its own, synonyms, and those that it is a special case of
 * ("puppy" confirms "dog", and not the other way round).
 */
export function confirmedBy(said: string): ReadonlySet<string> {
  const confirmed = new Set<string>();
  for (const form of baseForms(said)) {
    confirmed.add(form);
    for (const other of synonymsOf.get(form) ?? []) confirmed.add(other);
    for (let family = above.get(form); family; family = above.get(family.word)) confirmed.add(family.word);
  }
  return confirmed;
}

/** Whether somebody who says `said` has confirmed `word`, see `confirmedBy`. */
export function confirms(said: string, word: string): boolean {
  const confirmed = confirmedBy(said);
  return [...baseForms(word)].some((form) => confirmed.has(form));
}

/** A family by its word. */
export function familyNamed(word: string): Family | undefined {
  return families.get(word);
}
