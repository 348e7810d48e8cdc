import type { Resample } from '../../engine/published/image-processor.ts';
import type { PhotoErrorCode } from '../photo-error.ts';
import type { PhotoHeader } from '../photo-header.ts';

/** Where a decoder finds a photo. */
export type PhotoData = { readonly path: string } | { readonly bytes: Uint8Array };

/** What a decoder is asked for. */
export interface DecodeTask {
  readonly data: PhotoData;
  /** The size to decode at, in pixels; left out: only the header is read. */
  readonly size?: { readonly width: number; readonly height: number };
  /** The filter of the reduction, done as Pillow does it; left out: Lanczos 3, as libvips does it. */
  readonly resample?: Resample;
  /** The most pixels of a photo. */
  readonly pixelLimit: number;
}

/** A photo as a decoder gives it. */
export interface Decoded {
  readonly header: PhotoHeader;
  /** 8-bit sRGB, row by row, three bytes a pixel; nothing where only the header was asked for. */
  readonly pixels: Uint8Array | undefined;
}

/** Why a photo cannot be read, without its name; see `PhotoError`. */
export interface Reason {
  readonly code: PhotoErrorCode;
  readonly reason: string;
}

/** To a decoder: a photo, and how much memory it may take. One at a time. */
export interface ToDecoder {
  readonly task: DecodeTask;
  /** Bytes. */
  readonly allowance: number;
}

/** From a decoder: the photo; or why it cannot be read; or that it is about to end, since the budget is spent. */
export type FromDecoder =
  | { readonly decoded: Decoded; readonly resident: number }
  | { readonly failure: Reason; readonly resident: number }
  /** It needs that many bytes, more than it may take, and has not begun. */
  | { readonly needs: number; readonly resident: number }
  | { readonly over: 'memory' | 'time' };
