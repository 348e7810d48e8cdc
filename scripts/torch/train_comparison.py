"""
Trains the models of the comparison side by side on what `attend train translator --pack DIR` wrote of one of them.

    python scripts/torch/train_comparison.py --data DIR --configs configs/comparison-*.json --runs RUNS \\
        --rates 0.0015 0.004 --seeds 1 2 --minutes 20 --tests TESTS.json

All kinds take the same updates, in turns. Every rate and seed of a kind is a run of its own, RUNS/NAME-rRATE-sSEED with
config.json, log.jsonl and final/ as the engine's own runs have them. RUNS/results.json has all scores,
RUNS/translations.jsonl greedy translations of TESTS by every run. The same command goes on with what was stopped.
"""

import argparse
import copy
import json
import sys
import time
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

from bleu import bleu
from checkpoint import read_checkpoint, write_checkpoint
from loop import Stop, TrainingLog, learning_rate, memory
from packed import Pack, PackedPairs
from runs import Recorded, RunsData, RunsOptimiser
from seq2seq import Seq2SeqRuns, draw_weights
from vocabulary import Vocabulary

# What a configuration may leave out: see src/training/translator/translator-config.ts.
DEFAULTS = {"embeddings": "all", "inputFeeding": False, "initialState": "final"}
SECONDS_BETWEEN_LINES = 10
ROWS_PER_SEARCH = 250
# Of the time, kept for the last translations.
KEPT_MINUTES = 1.5


class Group:
    """One kind: the same model from several seeds and with several rates."""

    def __init__(self, config, options, data, metadata, device):
        self.name, self.stage, self.data = config["name"], config["stages"][0], data
        self.names = [(seed, rate) for seed in options.seeds for rate in options.rates]
        shape = {k: v for k, v in config["model"].items() if k != "architecture"}
        vocabulary = 4 + len(metadata["tokenizer"]["languages"]) + 256 + len(metadata["tokenizer"]["symbols"])
        self.config = {
            "sourceVocabularySize": vocabulary,
            "targetVocabularySize": vocabulary,
            "startToken": 1,
            "endToken": 2,
            **DEFAULTS,
            **shape,
        }
        drawn = {seed: draw_weights(self.config, seed) for seed in options.seeds}
        self.weights = {
            name: torch.stack([drawn[seed][name] for seed, _ in self.names]).to(device).requires_grad_()
            for name in drawn[options.seeds[0]]
        }
        leaves = list(self.weights.values())
        rates = torch.tensor([rate for _, rate in self.names], device=device)
        stage = self.stage
        self.optimiser = RunsOptimiser(leaves, rates, stage["beta2"], stage["clip"], stage["averaging"])
        self.losses = torch.zeros(len(self.names), device=device)
        self.lossSum = torch.zeros_like(self.losses)
        self.run_config = config
        self.curves = [[] for _ in self.names]
        self.logs = [TrainingLog(Path(options.runs) / run / "log.jsonl") for run in self.folders()]

    def folders(self):
        return [f"{self.name}-r{rate:g}-s{seed}" for seed, rate in self.names]

    def parameters(self):
        return sum(self.optimiser.sizes)

    def own_config(self, seed, rate, updates):
        """The configuration of one run."""
        config = copy.deepcopy(self.run_config)
        config["seed"] = seed
        config["stages"][0]["updates"] = updates
        config["stages"][0]["schedule"]["rate"] = rate
        return config

    def update(self, pairs, width):
        """One step of all runs. @param pairs: [seeds, rows]; the runs of a seed lie together"""
        each = pairs[:, None].expand(-1, len(self.names) // pairs.shape[0], -1).flatten(0, 1)
        source, lengths, fed, wanted = self.data.batch(each, width)
        model = Seq2SeqRuns(self.config, self.weights)
        scores = model.scores(model.forced(source, lengths, fed, self.stage["dropout"]))
        smoothing = self.stage["labelSmoothing"]
        flat = scores.flatten(0, 1), wanted.flatten()
        losses = cross_entropy(*flat, reduction="none", ignore_index=-100, label_smoothing=smoothing)
        mean = losses.view(len(self.names), -1).sum(1) / (wanted != -100).flatten(1).sum(1)
        gradients = torch.autograd.grad(mean.sum(), list(self.weights.values()))
        self.optimiser.step(gradients)
        self.losses.copy_(mean.detach())
        self.lossSum.add_(self.losses)

    def averaged(self):
        return dict(zip(self.weights, self.optimiser.averaged()))

    @torch.inference_mode()
    def translate(self, sources, forbidden, device):
        """Greedy translations with the averaged weights. @param sources: token lists -> ids [runs][sentences]"""
        model = Seq2SeqRuns(self.config, self.averaged())
        runs = len(self.names)
        found = [[None] * len(sources) for _ in range(runs)]
        order = sorted(range(len(sources)), key=lambda i: len(sources[i]))
        for begin in range(0, len(order), ROWS_PER_SEARCH):
            some = order[begin : begin + ROWS_PER_SEARCH]
            lengths = torch.tensor([len(sources[i]) for i in some], device=device).expand(runs, -1)
            longest = len(sources[some[-1]])
            rows = torch.tensor([sources[i] + [0] * (longest - len(sources[i])) for i in some], device=device)
            ids = model.greedy(rows.expand(runs, -1, -1), lengths, forbidden, 2 * longest + 10)
            for run, of_run in enumerate(ids.tolist()):
                for i, written in zip(some, of_run):
                    found[run][i] = written[: written.index(2)] if 2 in written else written
        return found


class Comparison:
    """All groups, and how far they have come."""

    def __init__(self, options):
        self.options = options
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.backends.cuda.matmul.allow_tf32 = True
        if options.threads:
            torch.set_num_threads(options.threads)
        self.pack = Pack(options.data)
        self.forbidden = self.pack.content["forbidden"]
        stage = self.pack.content["stages"][0]
        pairs = PackedPairs(self.pack, stage, self.device, 1, 2)
        self.texts = stage["texts"]
        manifest, _ = read_checkpoint(self.pack.folder / "initial")
        self.metadata = manifest["metadata"]
        self.vocabulary = Vocabulary(self.metadata["tokenizer"])
        self.data = RunsData(pairs, options.seeds, self.device)
        configs = [json.loads(Path(path).read_text(encoding="utf-8")) for path in options.configs]
        configs = [config for config in configs if config["model"]["architecture"] == "seq2seq"]
        self.groups = [Group(config, options, self.data, self.metadata, self.device) for config in configs]
        self.stage = self.groups[0].stage
        self.updates = options.updates or self.stage["updates"]
        self.runs = Path(options.runs)
        self.step, self.epoch, self.place, self.seconds, self.minutes = 0, 0, 0, 0.0, 0.0
        torch.manual_seed(options.seeds[0])

    @property
    def state_file(self):
        return self.runs / "state.pt"

    def save(self):
        """What an interrupted training goes on from; then the models as they are."""
        progress = {name: getattr(self, name) for name in ("step", "epoch", "place", "seconds", "minutes")}
        groups = {group.name: {**group.optimiser.state(), "curves": group.curves} for group in self.groups}
        partial = self.state_file.with_suffix(".partial")
        torch.save({"progress": progress, "groups": groups}, partial)
        partial.replace(self.state_file)

    def restore(self):
        if not self.state_file.exists():
            return
        state = torch.load(self.state_file, map_location=self.device, weights_only=True)
        for name, value in state["progress"].items():
            setattr(self, name, value)
        for group in self.groups:
            group.optimiser.restore(state["groups"][group.name])
            group.curves = state["groups"][group.name]["curves"]

    def write_models(self, folder):
        """Every run's averaged weights as a model."""
        on = torch.cuda.get_device_name() if self.device.type == "cuda" else "processor"
        for group in self.groups:
            weights = {name: w.cpu() for name, w in group.averaged().items()}
            for k, ((seed, rate), name) in enumerate(zip(group.names, group.folders())):
                config = group.own_config(seed, rate, self.updates)
                run = {
                    "name": group.name,
                    "config": config,
                    "stage": self.stage["name"],
                    "texts": self.texts,
                    "steps": self.step,
                    "seconds": round(self.seconds / len(self.groups) / len(group.names)),
                    "engine": f"PyTorch {torch.__version__} ({on})",
                }
                if group.curves[k]:
                    run["result"] = {"weights": "average", "beam": 1, **group.curves[k][-1]}
                own = {key: w[k] for key, w in weights.items()}
                metadata = {**self.metadata, "run": run}
                target = self.runs / name / folder
                write_checkpoint(target, "seq2seq", group.config, metadata, own, "float16")
                (self.runs / name / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")

    def begin_logs(self):
        for group in self.groups:
            event = {"kind": "data", "stage": self.stage["name"], "texts": self.texts}
            event |= {"vocabulary": group.config["targetVocabularySize"], "parameters": group.parameters()}
            for log in group.logs:
                if not log.path.exists():
                    log.append(event)

    def validate(self, since):
        """Greedy BLEU of every run on the validation text, to its log."""
        text = self.pack.content["validation"][0]
        for group in self.groups:
            loss = (group.lossSum / max(1, since)).tolist()
            group.lossSum.zero_()
            for k, ids in enumerate(group.translate(text["sources"], self.forbidden, self.device)):
                score = bleu([self.vocabulary.decode(one) for one in ids], text["references"])
                best = score > max((point["bleu"] for point in group.curves[k]), default=-1)
                group.curves[k].append({"step": self.step, "bleu": score, "loss": loss[k]})
                event = {"kind": "validation", "stage": self.stage["name"], "step": self.step, "loss": loss[k]}
                event |= {"bleu": score, "texts": [{"name": text["name"], "bleu": score}], "best": best}
                group.logs[k].append({**event, "seconds": self.seconds / len(self.groups) / len(group.names)})
            shown = " ".join(f"{name[1]:g}/{name[0]}: {c[-1]['bleu']:.1f}" for name, c in zip(group.names, group.curves))
            print(f"  {self.step} {group.name}: {shown}  loss {loss[0]:.3f}", flush=True)

    def record(self):
        """Records the steps of every group where there is a card. -> the steps, a function a group"""
        if self.device.type != "cuda" or not self.options.graphs:
            return [Recorded(group.update) for group in self.groups]
        examples = {}
        for width, pairs in self.data.epoch(0):
            examples.setdefault(width, pairs)
        count = min(self.options.streams, len(self.groups))
        streams = [(torch.cuda.Stream(), torch.cuda.graph_pool_handle()) for _ in range(count)]
        steps, begin = [], time.monotonic()
        for i, group in enumerate(self.groups):
            state = {name: tensor.clone() for name, tensor in group.optimiser.state().items()}
            step = Recorded(group.update, *streams[i % count])
            try:
                # The widest first: narrower ones find their memory there.
                for width in sorted(examples, reverse=True):
                    step.record(width, examples[width])
            except RuntimeError as error:
                print(f"Nothing is recorded: {error}", flush=True)
                group.optimiser.restore(state)
                torch.cuda.synchronize()
                return [Recorded(group.update) for group in self.groups]
            torch.cuda.synchronize()
            group.optimiser.restore(state)
            group.lossSum.zero_()
            steps.append(step)
            print(f"recorded {group.name}, {time.monotonic() - begin:.0f} s, {memory()}", flush=True)
        torch.cuda.synchronize()
        return steps

    def wait(self):
        """For the card to have done what it was told."""
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def train(self):
        """-> whether it came to its end"""
        stop, options = Stop(), self.options
        self.runs.mkdir(parents=True, exist_ok=True)
        self.restore()
        self.begin_logs()
        began, before = time.monotonic(), self.minutes
        steps = self.record()
        limit = options.minutes and max(0.2, options.minutes - KEPT_MINUTES)
        batches, validated = self.data.epoch(self.epoch), self.step
        printed = saved = time.monotonic()
        tokens, since = 0, printed
        share, done = 0.0, self.step >= self.updates
        every = 1 if self.device.type == "cpu" else 10
        while not done:
            started = time.monotonic()
            if self.place >= len(batches):
                self.epoch, self.place = self.epoch + 1, 0
                self.wait()
                batches = self.data.epoch(self.epoch)
                self.wait()
            width, pairs = batches[self.place]
            self.place += 1
            self.minutes = before + (started - began) / 60
            share = min(1.0, self.minutes / limit) if limit else 0.0
            schedule = {**self.stage["schedule"], "rate": 1.0}
            factor = learning_rate(schedule, self.step, self.updates, share)
            for group, step in zip(self.groups, steps):
                if step.stream:
                    with torch.cuda.stream(step.stream):
                        group.optimiser.factor.fill_(factor)
                else:
                    group.optimiser.factor.fill_(factor)
                step(pairs, width)
            self.step += 1
            tokens += pairs.shape[1] * width * len(self.groups) * len(self.groups[0].names)
            if self.step % every == 0:
                self.wait()
            self.seconds += time.monotonic() - started
            done = self.step >= self.updates or share >= 1.0
            now = time.monotonic()
            if now - printed > SECONDS_BETWEEN_LINES or done:
                self.wait()
                losses = " ".join(f"{group.losses[0].item():.2f}" for group in self.groups)
                print(
                    f"{self.step}/{self.updates}  {tokens / (now - since):.0f} tokens/s  rate × {factor:.3f}  "
                    f"loss {losses}  {memory()}  {self.minutes:.1f} min",
                    flush=True,
                )
                printed, since, tokens = now, now, 0
            if done or self.step % (options.validate_every or self.stage["validateEvery"]) == 0:
                self.wait()
                self.validate(self.step - validated)
                validated = self.step
            if stop.asked or done or now - saved > 60 * options.save_minutes:
                self.wait()
                self.save()
                self.write_models("final" if done else "latest")
                saved = time.monotonic()
                if stop.asked and not done:
                    return False
        return True

    def finish(self):
        """Translations of the tests by all runs, and all scores in one file."""
        for group in self.groups:
            for log, curve in zip(group.logs, group.curves):
                event = {"kind": "finished", "stage": self.stage["name"], "name": "average"}
                log.append({**event, "bleu": curve[-1]["bleu"], "seconds": self.seconds})
        results = [
            {"run": name, "kind": group.name, "seed": seed, "rate": rate, "parameters": group.parameters(), "curve": curve}
            for group in self.groups
            for name, (seed, rate), curve in zip(group.folders(), group.names, group.curves)
        ]
        content = {"updates": self.step, "seconds": self.seconds, "memory": memory(), "runs": results}
        (self.runs / "results.json").write_text(json.dumps(content) + "\n", encoding="utf-8")
        if not self.options.tests:
            return
        tests = json.loads(Path(self.options.tests).read_text(encoding="utf-8"))
        with open(self.runs / "translations.partial", "w", encoding="utf-8") as file:
            for group in self.groups:
                for test in tests:
                    for name, ids in zip(
                        group.folders(), group.translate(test["sources"], self.forbidden, self.device)
                    ):
                        texts = [self.vocabulary.decode(one) for one in ids]
                        score = bleu(texts, test["references"])
                        line = {"run": name, "test": test["name"], "bleu": score, "translations": texts}
                        file.write(json.dumps(line, ensure_ascii=False) + "\n")
                        print(f"{name} {test['name']}: BLEU {score:.2f}", flush=True)
        (self.runs / "translations.partial").replace(self.runs / "translations.jsonl")


def main():
    parser = argparse.ArgumentParser(description="Trains the models of the comparison side by side.")
    parser.add_argument("--data", required=True, help="the pack of one of the configurations")
    parser.add_argument("--configs", required=True, nargs="+", help="configs/comparison-*.json; a Transformer is left out")
    parser.add_argument("--runs", required=True, help="the folder of the runs")
    parser.add_argument("--rates", type=float, nargs="+", default=[0.0015, 0.004], help="the highest learning rates")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--updates", type=int, help="instead of the configurations'")
    parser.add_argument("--validate-every", type=int, help="instead of the configurations'")
    parser.add_argument("--minutes", type=float, help="the longest that it may take; it ends cooled")
    parser.add_argument("--save-minutes", type=float, default=4, help="from one checkpoint to the next")
    parser.add_argument("--tests", help="texts that all translate at the end: [{name, sources: tokens, references}]")
    parser.add_argument("--streams", type=int, default=4, help="groups that the card computes at once")
    parser.add_argument("--no-graphs", dest="graphs", action="store_false", help="record nothing")
    parser.add_argument("--threads", type=int, help="of the processor")
    try:
        comparison = Comparison(parser.parse_args())
        if comparison.train():
            comparison.finish()
            print("Done.", flush=True)
        else:
            print("Stopped; the same command goes on from here.", flush=True)
    except (OSError, ValueError) as error:
        sys.exit(f"train_comparison: {error}")


if __name__ == "__main__":
    main()
