/** Texts of many kinds and scripts, for what must hold for any string. */
export const TEXTS: readonly string[] = [
  '',
  ' ',
  'A dog runs.',
  '  two   spaces\tand a tab  ',
  'first line\nsecond line\r\n\r\nthird',
  "Don't they say “isn’t it”?",
  'Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.',
  'Příliš žluťoučký kůň úpěl ďábelské ódy.',
  'Voix ambiguë d’un cœur qui, au zéphyr, préfère les jattes de kiwis.',
  '¿Dónde está el niño? ¡Aquí!',
  'Съешь ещё этих мягких французских булок.',
  'Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.',
  'नमस्ते दुनिया, आप कैसे हैं?',
  'สวัสดีชาวโลก',
  '今日はいい天気ですね。散歩に行きましょう！',
  '我能吞下玻璃而不伤身体。',
  '키스의 고유조건은 입술끼리 만나야 한다',
  // The same in decomposed letters.
  '키스의 고유조건'.normalize('NFD'),
  'نص حكيم له سر قاطع وذو شأن عظيم',
  'דג סקרן שט בים מאוכזב',
  'ᚠᛇᚻ᛫ᛒᛦᚦ᛫ᚠᚱᚩᚠᚢᚱ 𐎀𐎁𐎂 𓀀𓀁',
  'e\u0301cole cafe\u0301 A\u030angstro\u0308m \u212b',
  'family: 👩‍👩‍👧‍👦, flag: 🇨🇿, thumb: 👍🏽, heart: ❤️',
  'lone \ud83d high, lone \ude00 low',
  '\ufeffbyte order mark, soft\u00adhyphen, zero\u200bwidth, e\u200b\u0301',
  'no\u00a0break, thin\u2009space, line\u2028separator, next\u0085line, unit\u001fseparator',
  'control \u0000\u0007\u001b[31m characters \u007f',
  'literal ▁ marker, <end>, <2de>, <0x41>, <pad>',
  'replacement \ufffd character',
  '3.14159, 1,000,000 and 2016-05-09; ½ ² Ⅷ ٣',
  '#hashtag @name https://example.org/a?b=c&d=%20 a@b.org',
  '-----------------------------------------------------',
  'x'.repeat(300),
  '\u0301\u0301 marks first',
  'q\u0307\u0323 order of marks \u1e0b\u0323',
  'constructor __proto__ toString hasOwnProperty',
];

/** Strings of random code units and code points, from a seed, so that a failure can be repeated. */
export function randomTexts(count: number, random: { integer(below: number): number }): string[] {
  const ranges = [0x80, 0x250, 0x800, 0x3000, 0x10000, 0x110000];
  return Array.from({ length: count }, () =>
    Array.from({ length: random.integer(30) }, () => {
      if (random.integer(6) === 0) return ' ';
      return String.fromCodePoint(random.integer(ranges[random.integer(ranges.length)]!));
    }).join(''),
  );
}
