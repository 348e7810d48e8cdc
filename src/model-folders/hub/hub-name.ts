/** What somebody means on the Hub. */
export interface HubReference {
  /** "owner/name". */
  readonly name: string;
  /** The branch, tag or commit, where an address names one. */
  readonly revision?: string;
}

/** Whether something is the name of a model on the Hub, "owner/name". */
export function isHubName(name: string): boolean {
  return /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(name) && !/\.\.|--|\.git$/.test(name);
}

/**
 * A name, or the address of a model's page as a browser shows it: "https://huggingface.co/owner/name", with or without a
 * branch and a file of it ("/tree/main", "/blob/main/config.json").
 *
 * @param host of the Hub that is asked, whose addresses are taken beside those of huggingface.co
 * @returns undefined for what is neither
 */
export function hubReference(wanted: string, host = HOSTS[0]): HubReference | undefined {
  const text = wanted.trim();
  if (isHubName(text)) return { name: text };
  const address = /^https?:\/\//i.test(text)
    ? text
    : HOSTS.some((one) => text.startsWith(`${one}/`)) && `https://${text}`;
  if (!address || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (![...HOSTS, host].includes(url.host)) return undefined;
  const [, owner = '', own = '', part, revision] = url.pathname.split('/').map(decoded);
  const name = `${owner}/${own}`;
  if (!isHubName(name)) return undefined;
  const isOfRevision = part !== undefined && ['tree', 'blob', 'resolve', 'commit'].includes(part);
  return { name, ...(isOfRevision && revision && { revision }) };
}

const HOSTS = ['huggingface.co', 'www.huggingface.co', 'hf.co'];

/** A branch with a slash in its name stands in one part of an address. What is no encoding stays. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
