import {
  diagnose,
  type CardsDiagnosis,
  type Diagnosis,
  type ModelDiagnosis,
  type TranslatorDiagnosis,
} from '../doctor/diagnose.ts';
import { dataSize } from '../../files/data-size.ts';
import type { ModelFile } from '../../model-folders/model-files.ts';
import type { DoctorOptions } from '../options/doctor-options.ts';
import { EXIT } from '../exit.ts';
import { standardOutput } from '../results/sink.ts';
import { forcedBackend } from './open-backend.ts';

/** `attend doctor`. */
export async function doctor(options: DoctorOptions): Promise<void> {
  const diagnosis = await diagnose(forcedBackend(), options.model, undefined, options.device);
  await standardOutput.write(
    options.json ? `${JSON.stringify(diagnosis, null, 2)}\n` : `${describe(diagnosis).join('\n')}\n`,
  );
  process.exitCode = diagnosis.works ? EXIT.done : EXIT.failed;
}

function describe({
  advice,
  backend,
  cards,
  models,
  modelsFolder,
  packages,
  translators,
  ...rest
}: Diagnosis): string[] {
  return [
    `Attend ${rest.version}, Node ${rest.node}, ${rest.system}, ${rest.processor}, ${(rest.memoryBytes / 2 ** 30).toFixed(0)} GiB`,
    '',
    `Backend: ${backend.name ?? 'none'} (${backend.reason.replace(/\.$/, '')})`,
    '',
    ...describeCards(cards),
    'Packages:',
    ...Object.entries(packages).map(([name, version]) => `  ${name.padEnd(30)} ${version ?? 'not installed'}`),
    '',
    ...(models.length > 0 ? models.flatMap(describeModel) : [`There is no captioner in ${modelsFolder}.`, '']),
    ...translators.flatMap(describeTranslator),
    rest.works ? 'All is well.' : 'Not everything works as it is.',
    ...advice.map((line) => `Faster: ${line}`),
  ];
}

function describeCards({ offered, tried }: CardsDiagnosis): string[] {
  if (offered.length === 0) return [];
  const list = `Graphics cards, as ONNX Runtime may reach them here: ${offered.join(', ')}`;
  if (tried.length === 0) return [`${list} (--device gpu tries them)`, ''];
  return [
    `${list}; tried:`,
    ...tried.map(({ card, milliseconds, problem }) => {
      const times = milliseconds
        ? ` Encoding a photo takes ${milliseconds.card.toFixed(1)} ms, on the processor ${milliseconds.processor.toFixed(1)}.`
        : '';
      return `  ${card.padEnd(8)} ${problem === null ? 'captions a sample photo as the processor does.' : `not used: ${problem}.`}${times}`;
    }),
    '',
  ];
}

function describeModel({ files, folder, isDefault, name, problem, trial }: ModelDiagnosis): string[] {
  return [
    `Model ${name}${isDefault ? ' (used where no other is named)' : ''}: ${folder}`,
    ...files.map(describeFile),
    ...(problem ? [`  PROBLEM: ${problem}`] : []),
    ...(trial ? [`  A test photo took ${trial.milliseconds} ms${trial.wholeGraph ? ', as whole graphs' : ''}.`] : []),
    '',
  ];
}

function describeTranslator({ files, folder, problem, trial, ...rest }: TranslatorDiagnosis): string[] {
  const { from, name, title, to } = rest;
  return [
    `Translator ${name}${title === null ? '' : ` (${title}, ${from} to ${to.join(', ')})`}: ${folder}`,
    ...files.map(describeFile),
    ...(problem ? [`  PROBLEM: ${problem}`] : []),
    ...(trial ? [`  A test sentence took ${trial.milliseconds} ms.`] : []),
    '',
  ];
}

function describeFile({ file, bytes, sha256 }: ModelFile): string {
  return `  ok  ${file.padEnd(32)} ${dataSize(bytes).padStart(9)}  SHA-256 ${sha256.slice(0, 16)}…`;
}
