"""
Trains a translator on what `attend train translator --pack DIR` wrote: the same model, pairs and losses as the engine's.

    python scripts/torch/train_text.py --data DIR --run RUN --minutes 20
    torchrun --nproc-per-node 2 -- scripts/torch/train_text.py --data DIR --run RUN

RUN/final has the model then, for `attend export translator`. The same command goes on with what was stopped.
"""

import argparse
import json
import time
from pathlib import Path

import torch
import torch.distributed as dist

from bleu import bleu
from checkpoint import read_checkpoint, write_beside, write_checkpoint
from loop import (
    Optimiser,
    Stage,
    Stop,
    TrainingLog,
    guarded,
    half_precision,
    has_half_precision,
    open_device,
    ranks,
    run_stage,
    run_stages,
)
from packed import Pack, PackedPairs
from vocabulary import Vocabulary

SENTENCES_PER_BATCH = 256


def create_model(architecture, config, weights, device):
    """The mirror of a text model: `weights`, `training`, `rates`, `loss(...)` and `translate(...)`; see `Transformer`."""
    if architecture == "transformer":
        from transformer import Transformer

        return Transformer(config, weights, device)
    if architecture == "conv-s2s":
        from conv_s2s import ConvS2S

        return ConvS2S(config, weights, device)
    from seq2seq import Seq2Seq

    return Seq2Seq(config, weights, device)


class Translator:
    """The model of a run, and what its checkpoints say."""

    def __init__(self, pack, device):
        self.pack, self.device = pack, device
        manifest, weights = read_checkpoint(pack.folder / "initial")
        self.architecture, self.config, self.metadata = (manifest[k] for k in ("architecture", "config", "metadata"))
        self.vocabulary = Vocabulary(self.metadata["tokenizer"])
        self.model = create_model(self.architecture, self.config, weights, device)

    def install(self, weights):
        with torch.no_grad():
            for name, weight in self.model.weights.items():
                weight.copy_(weights[name])

    def save(self, folder, stage, progress, precision="float32", result=None):
        """The weights that are in place, as a model."""
        run = {
            **self.metadata["run"],
            "stage": stage["name"],
            "texts": stage["texts"],
            "steps": progress["step"],
            "seconds": round(progress["seconds"]),
            "engine": engine_name(self.device),
            **({"result": result} if result else {}),
        }
        metadata = {**self.metadata, "run": run}
        write_checkpoint(folder, self.architecture, self.config, metadata, self.model.weights, precision)

    @torch.inference_mode()
    def validate(self):
        """Greedy translations of the validation texts. -> (mean BLEU, the scores of each)"""
        scores = [self._score(text) for text in self.pack.content["validation"]]
        return sum(score["bleu"] for score in scores) / len(scores), scores

    def _score(self, text):
        """BLEU, and the cross entropy of the references in nats a token."""
        sources, targets = text["sources"], text["targets"]
        order = sorted(range(len(sources)), key=lambda i: len(sources[i]))
        found, loss, tokens = [""] * len(sources), 0.0, 0
        start, end = self.config["startToken"], self.config["endToken"]
        for begin in range(0, len(order), SENTENCES_PER_BATCH):
            some = order[begin : begin + SENTENCES_PER_BATCH]
            read, mask = self._rows([sources[i] for i in some], 0)
            fed, _ = self._rows([[start, *targets[i]] for i in some], 0)
            wanted, _ = self._rows([[*targets[i], end] for i in some], -100)
            with half_precision(self.device):
                loss += self.model.loss(read, mask, fed, wanted).item()
                tokens += sum(len(targets[i]) + 1 for i in some)
                most = 2 * read.shape[1] + 10
                written = self.model.translate(read, mask, self.pack.content["forbidden"], most)
            for i, ids in zip(some, written):
                found[i] = self.vocabulary.decode(ids)
        return {
            "name": text["name"],
            "bleu": bleu(found, text["references"]),
            "loss": loss / tokens,
            "example": found[0] if found else "",
        }

    def _rows(self, sequences, padding):
        """-> tokens [rows, length], their mask or None"""
        longest = max(len(sequence) for sequence in sequences)
        rows = torch.tensor([[*s, *[padding] * (longest - len(s))] for s in sequences], device=self.device)
        lengths = torch.tensor([len(s) for s in sequences], device=self.device)
        mask = torch.arange(longest, device=self.device) < lengths[:, None]
        return rows, None if all(len(s) == longest for s in sequences) else mask


class TextStage(Stage):
    """A stage of a translator's training."""

    def __init__(self, translator, stage, pairs, run, folder):
        rates = {name: stage.get(name, 0.0) for name in ("dropout", "attentionDropout", "feedForwardDropout")}
        translator.model.rates = rates
        optimiser = Optimiser(
            translator.model.weights, stage["beta2"], stage["weightDecay"], stage["averaging"], stage["clip"]
        )
        super().__init__(stage["name"], stage["updates"], stage["schedule"], optimiser, stage["seed"])
        self.translator, self.stage, self.pairs = translator, stage, pairs
        self.run, self.folder = Path(run), Path(folder)
        self.number, self.batches = -1, []
        self.rank, self.world = ranks()

    def update(self, progress):
        if self.batches and progress["place"] >= len(self.batches):
            progress["epoch"] += 1
            progress["place"] = 0
        if self.number != progress["epoch"]:
            self.number = progress["epoch"]
            self.batches = self.pairs.epoch(self.number)
        whole = self.batches[progress["place"]]
        progress["place"] += 1
        tokens = self.pairs.tokens(whole)
        own = whole[self.rank :: self.world]
        model = self.translator.model
        model.training = True
        with half_precision(self.translator.device):
            # A process without a pair still has gradients to give: zeros.
            batch = self.pairs.batch(own if len(own) > 0 else whole[:1])
            loss = model.loss(*batch, smoothing=self.stage["labelSmoothing"]) / tokens
        if len(own) == 0:
            loss = loss * 0
        loss.backward()
        model.training = False
        return loss, tokens, {}

    def is_validated(self, step):
        return step % self.stage["validateEvery"] == 0

    def validate(self, progress, loss):
        score, texts = self.translator.validate()
        best = progress["best"] is None or score > progress["best"]
        if best:
            progress["best"] = score
            if self.rank == 0:
                self.translator.save(self.folder / "best", self.stage, progress)
        self.last = {"bleu": score, "texts": texts}
        event = {"kind": "validation", "stage": self.name, "step": progress["step"], "loss": loss, "bleu": score}
        return {**event, "texts": texts, "best": best, "seconds": progress["seconds"]}

    def save(self, progress):
        self.translator.save(self.run / "latest", self.stage, progress)


def engine_name(device):
    """What trained a model, in words: its card says it."""
    on = torch.cuda.get_device_name(device) if device.type == "cuda" else "processor"
    precision = "bfloat16" if has_half_precision(device) else "float32"
    return f"PyTorch {torch.__version__} ({on}, {precision})"


def train(options):
    device = open_device(options.threads)
    leads = ranks()[0] == 0
    pack, run = Pack(options.data), Path(options.run)
    run.mkdir(parents=True, exist_ok=True)
    if leads:
        content = json.dumps(pack.content["config"], indent=2, ensure_ascii=False) + "\n"
        write_beside(run / "config.json", content.encode())
    translator = Translator(pack, device)
    log, stop = TrainingLog(run / "log.jsonl"), Stop()
    stages = pack.content["stages"]
    if options.updates:
        stages = [{**stage, "updates": options.updates} for stage in stages]
    work = sum(stage["updates"] * stage["tokensPerBatch"] for stage in stages)

    def train_stage(stage, number, folder):
        begin = time.monotonic()
        pairs = PackedPairs(pack, stage, device, translator.config["startToken"], translator.config["endToken"])
        if leads:
            event = {"kind": "data", "stage": stage["name"], "texts": stage["texts"]}
            parameters = sum(weight.numel() for weight in translator.model.weights.values())
            log.append({**event, "vocabulary": translator.config["targetVocabularySize"], "parameters": parameters})
            print(f"{stage['name']}: {len(pairs.weights)} pairs on the device, {time.monotonic() - begin:.1f} s", flush=True)
        share = stage["updates"] * stage["tokensPerBatch"] / work
        minutes = options.minutes and options.minutes * share
        part = TextStage(translator, stage, pairs, run, folder)
        every = options.read_every or (20 if device.type == "cuda" else 1)
        progress = run_stage(part, folder, "translator-training", log, stop, minutes, every, options.stop_at)
        if progress is None:
            return False
        with part.optimiser.averaged():
            averages = {name: weight.detach().clone() for name, weight in translator.model.weights.items()}
            # Nothing was validated where only the end of the stage was left to be done.
            last = getattr(part, "last", None) or dict(zip(("bleu", "texts"), translator.validate()))
        name, weights = "last", averages
        chosen = last
        if (progress["best"] or 0) > last["bleu"]:
            name, (_, weights) = "best at validation", read_checkpoint(folder / "best")
            chosen = {"bleu": progress["best"], "texts": []}
        translator.install(weights)
        if leads:
            result = {"weights": name, "beam": 1, **chosen}
            translator.save(folder / "final", stage, progress, "float32", result)
            if number == len(stages) - 1:
                translator.save(run / "final", stage, progress, options.precision, result)
            event = {"kind": "finished", "stage": stage["name"], "name": name, "bleu": chosen["bleu"]}
            log.append({**event, "seconds": progress["seconds"]})
            print(f"{stage['name']}: {name} is the result, dev BLEU {chosen['bleu']:.2f}", flush=True)
        return True

    finished = run_stages(run, stages, train_stage)
    if leads:
        print(f"Done: {run / 'final'}" if finished else "Stopped; the same command goes on from here.", flush=True)
    if dist.is_initialized():
        dist.destroy_process_group()


def main():
    parser = argparse.ArgumentParser(description="Trains a translator on what `attend train translator --pack` wrote.")
    parser.add_argument("--data", required=True, help="the pack")
    parser.add_argument("--run", required=True, help="the folder of the run: log, checkpoints, result")
    parser.add_argument("--minutes", type=float, help="the longest that the whole run may take; it ends cooled")
    parser.add_argument("--updates", type=int, help="instead of the configuration's, for every stage")
    parser.add_argument("--stop-at", type=int, help="stop after so many updates of a stage; the same command goes on")
    parser.add_argument("--precision", choices=("float32", "float16"), default="float32", help="of RUN/final")
    parser.add_argument("--read-every", type=int, help="updates from one look at losses to the next")
    parser.add_argument("--threads", type=int, help="of the processor")
    guarded("train_text", lambda: train(parser.parse_args()))


if __name__ == "__main__":
    main()
