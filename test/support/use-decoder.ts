import { inject } from 'vitest';
import { useDecoders } from '../../src/photos/decoders/decoders.ts';

useDecoders({ script: inject('decoder') });
