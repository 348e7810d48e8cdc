import { unescapeXml } from '../../files/xml.ts';

const MARKUP = /<!--(.*?)-->|<!\[CDATA\[(.*?)\]\]>|<\?.*?\?>|<[^>]*>|([^<]+)/gs;
const ATTRIBUTE = /([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/gs;
/** What says how something is written down, and not what. */
const FORM = /^(?:xmlns(?::.*)?|x:.*|xml:.*|rdf:parseType|rdf:datatype)$/;

/** What somebody may have written into XMP: texts, the values of attributes, and comments, wherever in it they stand. */
export interface XmpPieces {
  readonly texts: ReadonlySet<string>;
  readonly comments: ReadonlySet<string>;
}

/**
 * The pieces of all XMP in a file: a sidecar, or a photo in which it stands as it is (not compressed, nor in parts). Texts
 * are compared without letter case and with single spaces, since who writes XMP may write them down otherwise.
 */
export function xmpPieces(file: Uint8Array): XmpPieces {
  const texts = new Set<string>();
  const comments = new Set<string>();
  for (const packet of packetsIn(Buffer.from(file.buffer, file.byteOffset, file.byteLength))) {
    for (const [markup, comment, verbatim, text] of packet.matchAll(MARKUP)) {
      if (comment !== undefined) add(comments, comment);
      else if (verbatim !== undefined) add(texts, plain(verbatim));
      else if (text !== undefined) add(texts, plain(unescapeXml(text)));
      else if (!markup.startsWith('<?')) {
        for (const [, name = '', double, single] of markup.matchAll(ATTRIBUTE)) {
          if (!FORM.test(name)) add(texts, plain(unescapeXml(double ?? single ?? '')));
        }
      }
    }
  }
  return { texts, comments };
}

/** A text as `xmpPieces` has it. */
export function plain(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}

function add(pieces: Set<string>, piece: string): void {
  if (piece.trim() !== '') pieces.add(piece);
}

function packetsIn(file: Buffer): string[] {
  const packets = between(file, '<?xpacket begin', '<?xpacket end');
  return packets.length > 0 ? packets : between(file, '<x:xmpmeta', '</x:xmpmeta>');
}

function between(file: Buffer, begin: string, end: string): string[] {
  const found: string[] = [];
  for (let start = file.indexOf(begin); start >= 0;) {
    const stop = file.indexOf(end, start);
    if (stop < 0) break;
    const packet = file.toString('utf8', start, stop);
    // What stands in parts has other bytes in between.
    if (!packet.includes('\0')) found.push(packet);
    start = file.indexOf(begin, stop);
  }
  return found;
}
