/** Why a file cannot be written, and what to do: the end of a sentence for a person. */
export function describeFileError(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full. Free some space or choose another folder.';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'permission denied. Choose a folder that you may write to.';
    case 'ENOENT':
      return 'its folder does not exist.';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'a part of its path is a file, not a folder.';
    case 'EISDIR':
      return 'it is a folder.';
    default:
      return `${error instanceof Error ? error.message : String(error)}.`;
  }
}
