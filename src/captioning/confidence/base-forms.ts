/** Forms that no rule undoes, with what they are forms of. */
const IRREGULAR: ReadonlyMap<string, string> = new Map(
  (
    'men:man women:woman children:child people:person feet:foot teeth:tooth geese:goose mice:mouse wolves:wolf knives:knife ' +
    'calves:calf shelves:shelf leaves:leaf ' +
    'ran:run sat:sit stood:stand rode:ride ridden:ride threw:throw thrown:throw caught:catch swam:swim swum:swim laid:lay ' +
    'lying:lie lain:lie held:hold ate:eat eaten:eat drank:drink wore:wear worn:wear took:take taken:take made:make ' +
    'came:come went:go gone:go fell:fall fallen:fall flew:fly flown:fly fought:fight hung:hang hid:hide hit:hit ' +
    'led:lead left:leave met:meet put:put read:read rose:rise sang:sing slept:sleep slid:slide spoke:speak swung:swing ' +
    'taught:teach told:tell wrote:write bit:bite bitten:bite blew:blow blown:blow built:build dug:dig drew:draw ' +
    'drove:drive driven:drive gave:give given:give kept:keep knelt:kneel leapt:leap shot:shoot shown:show spun:spin ' +
    'sprang:spring stuck:stick swept:sweep tying:tie dying:die'
  )
    .split(' ')
    .map((pair) => pair.split(':') as [string, string]),
);

/**
 * What a word may be a form of, itself included: "running" of "run" (and of "runn" and "runne", which are no words and so
 * match none). Two words are taken for forms of one where they share a base form, whatever part of speech they are.
 * @param word in lower case
 */
export function baseForms(word: string): ReadonlySet<string> {
  let forms = known.get(word);
  if (!forms) {
    forms = new Set(formsOf(word));
    known.set(word, forms);
  }
  return forms;
}

const known = new Map<string, ReadonlySet<string>>();

function* formsOf(word: string): Generator<string> {
  yield word;
  const irregular = IRREGULAR.get(word);
  if (irregular !== undefined) yield irregular;
  if (/[^s]s$/.test(word)) yield word.slice(0, -1);
  if (/(?:[sxz]|[cs]h|o)es$/.test(word)) yield word.slice(0, -2);
  if (word.endsWith('ies')) yield `${word.slice(0, -3)}y`;
  if (word.endsWith('ied')) yield `${word.slice(0, -3)}y`;
  const stem = /^(.*[aeiouy].*)(?:ing|ed)$/.exec(word)?.[1];
  if (stem === undefined || stem.length < 2) return;
  yield stem;
  yield `${stem}e`;
  // "running", "stopped"
  if (/([bdfgklmnprstvz])\1$/.test(stem)) yield stem.slice(0, -1);
}
