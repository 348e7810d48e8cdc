import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { AttendService } from '../service/attend-service.ts';
import {
  CONTENT_SECURITY_POLICY,
  DOWNLOAD_POLICY,
  PERMISSIONS_POLICY,
  parseDownloadPath,
  parseMapPath,
  parsePicturePath,
} from '../server/page-files.ts';
import { appPath, resolveAppFile } from './app-files.ts';

/**
 * Answers `app://attend/…`: the pages' own files, pictures of the library's photos, and exported files.
 * @param root the folder of the built pages
 */
export async function answerAppRequest(
  service: Pick<AttendService, 'picture' | 'draw' | 'downloads'>,
  root: string,
  address: string,
): Promise<Response> {
  const path = appPath(address);
  if (path === undefined) return notFound();
  const picture = parsePicturePath(path);
  const map = parseMapPath(path);
  const download = parseDownloadPath(path);
  try {
    if (picture) {
      const { bytes, contentType } = await service.picture(picture.id, picture.kind);
      return new Response(new Uint8Array(bytes), {
        headers: { 'content-type': contentType, 'cache-control': 'private, max-age=86400', ...SAFE },
      });
    }
    if (map) {
      const png = new Uint8Array(await service.draw(map));
      return new Response(png, { headers: { 'content-type': 'image/png', ...SAFE } });
    }
    if (download !== undefined) {
      const found = await service.downloads.get(download);
      return new Response(Readable.toWeb(found.open()) as ReadableStream<Uint8Array>, {
        headers: {
          'content-type': found.contentType,
          'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(found.name)}`,
          'content-security-policy': DOWNLOAD_POLICY,
          ...SAFE,
        },
      });
    }
  } catch {
    return notFound();
  }
  const file = resolveAppFile(root, address);
  const bytes = file && (await readFile(file.path).catch(() => undefined));
  if (!file || !bytes) return notFound();
  return new Response(new Uint8Array(bytes), {
    headers: { 'content-type': file.contentType, 'content-security-policy': CONTENT_SECURITY_POLICY, ...SAFE },
  });
}

const SAFE = { 'x-content-type-options': 'nosniff', 'permissions-policy': PERMISSIONS_POLICY } as const;

function notFound(): Response {
  return new Response('Not found', { status: 404 });
}
