"""
Trains a captioner on what `attend train captioner --pack DIR` and prepare_captioner.py wrote.

    python scripts/torch/train_captioner.py --data DIR --photos PHOTOS --maps MAPS --run RUN --minutes 20

RUN/final has the model then, for `attend export captioner`. The same command goes on with what was stopped.

Stage after stage as src/training/captioner/captioner-run.ts has it: cross entropy with the encoder frozen, with the
encoder trained end to end, and self-critical training. Photos are encoded anew at every step, so that they can be cropped,
mirrored and recoloured each time.
"""

import argparse
import json
import math
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from augment import View, recolour
from caption_data import Batch, CaptionData, Validation
from caption_search import Rules, beam_search
from captioner import Captioner, draw
from checkpoint import read_checkpoint, write_checkpoint
from encoder import PREFIX, Encoder
from loop import Optimiser, Stage, Stop, TrainingLog, half_precision, memory, open_device, run_stage, run_stages
from packed import Random
from photos import read_photos
from self_critic import SelfCritic

SECONDS_BETWEEN_VALIDATIONS = 50
PHOTOS_PER_VALIDATION_BATCH = 125
PHOTOS_LOOKED_AT = 250

# How the encoder computes; which way is fastest depends on the card (prepare_captioner.py --tune).
LAYOUT = {"memory": torch.channels_last, "half": True}


class Model:
    """The captioner, its encoder and what is known of the run."""

    def __init__(self, data, run, weights, device):
        self.data, self.run, self.device = data, run, device
        graph = data.manifest["metadata"]["encoder"]
        ours = {name[len(PREFIX) :]: weight for name, weight in weights.items() if name.startswith(PREFIX)}
        self.layout = LAYOUT["memory"]
        self.encoder = Encoder(graph, ours).to(device).to(memory_format=self.layout)
        self.captioner = Captioner(data.config, weights).to(device)

    def entries(self):
        return {**self.captioner.entries(), **self.encoder.entries()}

    def grid(self, pixels):
        """pixels [photos, 3, size, size] in 0..255 -> [photos, locations, channels]."""
        pixels = pixels.contiguous(memory_format=self.layout)
        with half_precision(self.device) if LAYOUT["half"] else nullcontext():
            return self.encoder(pixels).float()

    def save(self, folder, precision="float32"):
        metadata = {**self.data.manifest["metadata"], "run": self.run}
        write_checkpoint(folder, "captioner", self.data.config, metadata, self.entries(), precision)

    @torch.no_grad()
    def load(self, folder):
        _, weights = read_checkpoint(folder)
        fresh = Model(self.data, self.run, weights, self.device)
        for own, other in ((self.encoder, fresh.encoder), (self.captioner, fresh.captioner)):
            for parameter, value in zip(own.parameters(), other.parameters(), strict=True):
                parameter.copy_(value)


class CaptionStage(Stage):
    def __init__(self, settings, number, folder, model, photos, maps, validation, minutes):
        self.settings, self.number, self.folder, self.model = settings, number, folder, model
        self.photos, self.maps, self.scoring, self.minutes = photos, maps, validation, minutes
        data, run = model.data, model.run
        critical = settings.get("selfCritical")
        self.critic = SelfCritic(data) if critical else None
        self.examples = data.examples(critical.get("leastCaptions", 1) if critical else 1)
        self.per_batch = min(settings["photosPerBatch"], len(self.examples))
        self.batches = -(-len(self.examples) // self.per_batch)
        self.order = None
        self.beam = run["validation"]["beam"]
        self.rules = Rules.usual(data.words, data.decoding, model.device)
        self.drop = {
            "words": settings["dropout"],
            "annotations": settings["annotationDropout"],
            "mean": settings.get("meanDropout", 0),
        }
        self.began = self.validated = time.monotonic()
        self.rewards, self.looks = [], []
        tune = settings.get("fineTune")
        if tune:
            model.encoder.train_from(tune["reduction"]) if "reduction" in tune else model.encoder.train_above(tune["above"])
        else:
            model.encoder.requires_grad_(False)
        weights = {name: model.captioner.w(name) for name in model.captioner.names}
        weights |= {PREFIX + n: p for n, p in model.encoder.named_parameters() if p.requires_grad}
        share = tune["rate"] / settings["schedule"]["rate"] if tune else 1.0
        optimiser = Optimiser(
            weights,
            weight_decay=settings["weightDecay"],
            averaging=settings["averaging"],
            clip=settings["clip"],
            factor=lambda name: share if name.startswith(PREFIX) else 1.0,
        )
        super().__init__(settings["name"], self.batches * settings["epochs"], settings["schedule"], optimiser)
        self.seed = run["seed"] * 7919 + number * 101
        torch.manual_seed(self.seed)

    def share(self, progress):
        """How much of the stage is over, by steps or by time."""
        elapsed = (progress.get("minutes", 0) + (time.monotonic() - self.began) / 60) / self.minutes if self.minutes else 0
        return min(1.0, max(progress["step"] / self.steps, elapsed))

    def look_weight(self, progress):
        look = self.settings.get("look")
        if not look or self.maps is None:
            return 0.0
        return look["weight"] * max(look.get("floor", 0), 1 - self.share(progress) / look["until"])

    def chosen(self, progress):
        """Places of the photos of a step."""
        epoch, place = progress["epoch"], progress["place"]
        if self.order is None or self.order[0] != epoch:
            order = Random(self.seed + epoch).shuffle(list(range(len(self.examples))))
            self.order = (epoch, self.examples[order])
        found = self.order[1][place * self.per_batch : (place + 1) * self.per_batch]
        place += 1
        self.is_epochs_end = place == self.batches
        progress["epoch"], progress["place"] = (epoch + 1, 0) if self.is_epochs_end else (epoch, place)
        return found

    def update(self, progress):
        settings, model, data = self.settings, self.model, self.model.data
        device = model.device
        chosen = self.chosen(progress)
        photos = torch.from_numpy(chosen).to(device)
        pixels, view = self.photos[photos].float(), None
        if settings["mirror"] or "crop" in settings:
            view = View(len(chosen), settings.get("crop", 1), True, device)
            pixels = view.of(pixels)
        pixels = recolour(pixels, settings.get("recolour", 0))
        with torch.set_grad_enabled(bool(settings.get("fineTune"))):
            features = model.grid(pixels)
        end, start = data.config["endToken"], data.config["startToken"]
        reward = None
        if self.critic:
            critical = settings["selfCritical"]
            samples = critical["samples"]
            tokens, advantages, reward = self.critic.criticise(
                model.captioner, features.detach(), photos, samples, critical["search"]
            )
            rows = tokens.tolist()
            captions = [[i for i in row if i >= 0] for row in rows]
            source = [place for place in range(len(chosen)) for _ in range(samples)]
            if critical["crossEntropyWeight"] > 0:
                chance = np.random.default_rng([self.seed, 1, progress["step"]])
                for place, photo in enumerate(chosen):
                    own = data.captions[photo]
                    captions.append([*own[chance.integers(len(own))], end])
                    source.append(place)
                true = advantages.new_full((len(chosen),), critical["crossEntropyWeight"])
                advantages = torch.cat([advantages, true])
            self.rewards.append(reward)
        else:
            captions, source = [], []
            for place, photo in enumerate(chosen):
                for caption in data.captions[photo]:
                    captions.append([*caption, end])
                    source.append(place)
        batch = Batch.of(captions, source, start, end, device)
        inputs = batch.inputs
        word_dropout = settings.get("wordDropout", 0)
        if word_dropout > 0:
            lost = (torch.rand(inputs.shape, device=device) < word_dropout) & (inputs != start)
            inputs = torch.where(lost, data.unknown, inputs)
        scores, alpha = model.captioner.teacher_forced(features, inputs, batch.places, batch.source, self.drop)
        losses = F.cross_entropy(scores, batch.targets, reduction="none", label_smoothing=settings["labelSmoothing"])
        if self.critic:
            losses = losses * advantages[batch.row]
        total = losses.sum()
        if settings["penalty"] > 0:
            total = total + settings["penalty"] * doubly_stochastic(alpha, batch)
        loss = total / len(batch.targets)
        weight = self.look_weight(progress)
        if weight > 0:
            look = self.look_loss(alpha, batch, photos, view)
            loss = loss + weight * look
        loss.backward()
        return loss, len(batch.targets)

    def look_loss(self, alpha, batch, photos, view):
        """The mean of KL(target || alpha) over the words that name a thing of the photo, nats."""
        data = self.model.data
        thing = data.thing_of[batch.targets]
        source = batch.source[batch.row]
        with torch.no_grad():
            rows, columns = data.config["grid"]
            maps = self.maps[photos].float()
            if view:
                maps = view.of(maps.view(*maps.shape[:2], rows, columns)).flatten(2)
                maps = maps / maps.sum(2, keepdim=True).clamp(min=1e-8)
            target = maps[source, thing.clamp(min=0)]
            counts = ((thing >= 0) & (data.present[photos][source, thing.clamp(min=0)] > 0)).float()
        divergence = (target * ((target + 1e-8).log() - (alpha + 1e-8).log())).sum(1)
        return (divergence * counts).sum() / counts.sum().clamp(min=1)

    def is_validated(self, step):
        if not self.minutes:
            return self.is_epochs_end
        return self.is_epochs_end and time.monotonic() - self.validated > SECONDS_BETWEEN_VALIDATIONS

    @torch.no_grad()
    def validate(self, progress, loss):
        model, data = self.model, self.model.data
        captions, looked = [], []
        for places in data.validation_places.split(PHOTOS_PER_VALIDATION_BATCH):
            features = model.grid(self.photos[places].float())
            tokens, _ = beam_search(model.captioner, features, self.rules, self.beam, data.decoding["lengthNormalisation"])
            for row in tokens[:, 0].tolist():
                captions.append([i for i in row if i > data.config["endToken"]])
            if len(looked) * PHOTOS_PER_VALIDATION_BATCH < PHOTOS_LOOKED_AT:
                looked.append(features)
        scores = self.scoring.score(captions)
        best = progress["best"] is None or scores["ciderD"] > progress["best"]
        if best:
            progress["best"] = scores["ciderD"]
            model.save(self.folder / "best")
        event = {
            "kind": "epoch",
            "stage": self.name,
            "epoch": max(0, progress["epoch"] - 1),
            "loss": loss,
            "seconds": time.monotonic() - self.validated,
            "best": best,
            **scores,
            **self.worth(torch.cat(looked)),
        }
        if self.rewards:
            event["reward"] = torch.stack(self.rewards).mean().item()
            self.rewards = []
        self.validated = time.monotonic()
        return event

    def worth(self, features):
        """What attention is worth on the nouns of some validation captions, and how spread it is."""
        model, data = self.model, self.model.data
        if not data.nouns:
            return {}
        end, start = data.config["endToken"], data.config["startToken"]
        captions = [[*data.encode(references[0][:20]), end] for references in data.validation[: len(features)]]
        batch = Batch.of(captions, list(range(len(captions))), start, end, model.device)
        noun = data.thing_of[batch.targets] >= 0
        found = []
        for alike in (False, True):
            model.captioner.everywhere_alike = alike
            scores, alpha = model.captioner.teacher_forced(features, batch.inputs, batch.places, batch.source)
            found.append(-F.cross_entropy(scores, batch.targets, reduction="none")[noun].mean())
            if not alike:
                entropy = -(alpha * (alpha + 1e-9).log()).sum(1)[noun].mean() / math.log(alpha.shape[1])
        model.captioner.everywhere_alike = False
        return {"worth": (found[0] - found[1]).item(), "entropy": entropy.item()}

    def save(self, progress):
        self.model.save(self.folder / "latest")


def with_own(stage):
    """A stage's settings with what only this trainer does (`torch` in src/training/captioner/captioner-config.ts)."""
    stage = json.loads(json.dumps(stage))
    own = stage.get("torch", {})
    for name in ("share", "recolour", "wordDropout"):
        if name in own:
            stage[name] = own[name]
    for name, part, key in (
        ("reduction", "fineTune", "reduction"),
        ("leastCaptions", "selfCritical", "leastCaptions"),
        ("lookFloor", "look", "floor"),
    ):
        if name in own and part in stage:
            stage[part][key] = own[name]
    return stage


def doubly_stochastic(alpha, batch):
    """sum over rows and locations of (1 - sum_t alpha_ti)^2 (Xu et al. 2015, eq. 14)."""
    sums = alpha.new_zeros(len(batch.inputs), alpha.shape[1]).index_add(0, batch.row, alpha)
    return ((1 - sums) ** 2).sum()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="the packed folder: data.json and start/")
    parser.add_argument("--photos", required=True, help="the file of decoded photos (prepare_captioner.py)")
    parser.add_argument("--maps", help="the file of the teacher's maps (prepare_captioner.py)")
    parser.add_argument("--config", help="a run's configuration; left out: the packed one's")
    parser.add_argument("--run", required=True, help="the folder of the run")
    parser.add_argument("--from", dest="first", help="a checkpoint to start from, in place of start/")
    parser.add_argument("--minutes", type=float, help="for all stages together, by their shares")
    parser.add_argument("--draw", type=int, help="draw the decoder's first weights anew, from this seed")
    parser.add_argument("--limit", type=int, help="so many photos only, for a try")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tuned", help="what prepare_captioner.py --tune wrote")
    arguments = parser.parse_args()
    device = open_device(arguments.threads)
    torch.backends.cudnn.benchmark = True
    if arguments.tuned:
        tuned = json.loads(Path(arguments.tuned).read_text())
        LAYOUT["half"] = tuned["half"]
        LAYOUT["memory"] = torch.channels_last if tuned["channelsLast"] else torch.contiguous_format
    data = CaptionData(arguments.data, device, arguments.limit)
    run = json.loads(Path(arguments.config).read_text()) if arguments.config else data.manifest["metadata"]["run"]
    folder = Path(arguments.run)
    log, stop = TrainingLog(folder / "log.jsonl"), Stop()
    (folder / "config.json").write_text(json.dumps(run, indent=2) + "\n")
    weights = read_checkpoint(arguments.first)[1] if arguments.first else data.start
    model = Model(data, run, weights, device)
    if arguments.draw is not None:
        drawn = draw(data.config, torch.Generator().manual_seed(arguments.draw))
        with torch.no_grad():
            for name, value in drawn.items():
                model.captioner.w(name).copy_(value)
    if all(stage.get("meanDropout", 0) >= 1 for stage in run["stages"]):
        model.captioner.forget_mean()
    photos = read_photos(arguments.photos, device)
    maps = None
    if arguments.maps:
        maps = torch.from_numpy(np.load(arguments.maps)).to(device)
    validation = Validation(data)
    print(f"ready: {len(data.captions)} photos, {len(data.words)} words, {memory()}", flush=True)
    stages = [with_own(stage) for stage in run["stages"]]
    began = time.monotonic()

    def train(settings, number, own):
        minutes = None
        if arguments.minutes:
            # What an earlier stage did not need is the later ones'.
            left = max(0.1, arguments.minutes - (time.monotonic() - began) / 60)
            minutes = left * settings.get("share", 1) / sum(stage.get("share", 1) for stage in stages[number:])
        if number > 0:
            before = folder / f"{number}-{stages[number - 1]['name']}" / "best"
            model.load(before)
        stage = CaptionStage(settings, number, own, model, photos, maps, validation, minutes)
        done = run_stage(stage, own, "captioner-training", log, stop, minutes, read_every=20)
        if done is None:
            return False
        model.load(own / "best")
        return True

    if not run_stages(folder, stages, train):
        sys.exit(0)
    model.save(folder / "final")


if __name__ == "__main__":
    main()
