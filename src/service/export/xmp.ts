import { escapeXml, unescapeXml } from '../../files/xml.ts';
import { UNSEEN, UNSEEN_ADDED, type PhotoText, type TextBefore } from './photo-text.ts';

/**
 * A sidecar with a photo's description and keywords (Dublin Core) and alternative text for screen readers (IPTC Core
 * 1.3, AltTextAccessibility), as XMP (ISO 16684-1); of a caption that no person has seen, its writer says so.
 */
export function xmpSidecar({ caption, isAdded = false, isUnseen = false, keywords }: PhotoText): string {
  const text = `<rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(caption)}</rdf:li></rdf:Alt>`;
  const subjects = keywords.map((keyword) => `<rdf:li>${escapeXml(keyword)}</rdf:li>`).join('');
  const subject = subjects === '' ? '' : `\n      <dc:subject><rdf:Bag>${subjects}</rdf:Bag></dc:subject>`;
  const photoshop = isUnseen ? '\n        xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"' : '';
  const mark = isAdded ? UNSEEN_ADDED : UNSEEN;
  const writer = isUnseen ? `\n      <photoshop:CaptionWriter>${mark}</photoshop:CaptionWriter>` : '';
  return `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Attend">
  <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
    <rdf:Description rdf:about=""
        xmlns:dc="http://purl.org/dc/elements/1.1/"
        xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"${photoshop}>
      <dc:description>${text}</dc:description>${subject}
      <Iptc4xmpCore:AltTextAccessibility>${text}</Iptc4xmpCore:AltTextAccessibility>${writer}
    </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
`;
}

/** Whether a sidecar is as it was written here: what somebody added to one since would be lost with it. */
export function isOwnSidecar(text: string): boolean {
  return text.includes('x:xmptk="Attend"') && xmpSidecar(ownText(text)) === text;
}

/** What stands in a sidecar that was written here. */
export function ownText(text: string): PhotoText & TextBefore {
  const caption = /<dc:description><rdf:Alt><rdf:li xml:lang="x-default">([^<]*)</.exec(text)?.[1] ?? '';
  const subjects = /<dc:subject><rdf:Bag>(.*?)<\/rdf:Bag>/.exec(text)?.[1] ?? '';
  const keywords = [...subjects.matchAll(/<rdf:li>([^<]*)</g)].map(([, keyword = '']) => unescapeXml(keyword));
  const writer = [UNSEEN, UNSEEN_ADDED].find((mark) => text.includes(`<photoshop:CaptionWriter>${mark}<`));
  return {
    caption: unescapeXml(caption),
    keywords,
    ...(writer !== undefined && { isUnseen: true, isAdded: writer === UNSEEN_ADDED, writer }),
  };
}
