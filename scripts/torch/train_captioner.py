"""
Trains a captioner on what `attend train captioner --pack DIR` and prepare_captioner.py wrote.

    python scripts/torch/train_captioner.py --data DIR --photos PHOTOS --maps MAPS --run RUN --minutes 20
    torchrun --nproc-per-node 2 -- scripts/torch/train_captioner.py --data DIR --photos PHOTOS --run RUN

RUN/final has the model then, for `attend export captioner`. The same command goes on with what was stopped.

Stage after stage as src/training/captioner/captioner-run.ts has it: cross entropy with the encoder frozen, with the
encoder trained end to end, and self-critical training. Photos are encoded anew at every step, so that they can be cropped,
mirrored and recoloured each time.
"""

import argparse
import json
import math
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from torch.nn import functional as F

from augment import View, draw_boxes, draw_mirrors, recolour
from caption_data import Batch, CaptionData, Validation
from caption_search import Rules, beam_search
from captioner import Captioner, draw
from checkpoint import read_checkpoint, read_json, write_beside, write_checkpoint
from counterfactual import Erasure, elsewhere
from encoder import PREFIX, Encoder
from hard_attention import reinforce
from loop import (
    Optimiser,
    Stage,
    Stop,
    TrainingLog,
    guarded,
    half_precision,
    memory,
    open_device,
    ranks,
    run_stage,
    run_stages,
    sum_of_all,
)
from packed import Random
from photos import Grids, read_photos
from self_critic import SelfCritic

SECONDS_BETWEEN_VALIDATIONS = 50
PHOTOS_PER_VALIDATION_BATCH = 125
PHOTOS_LOOKED_AT = 250

# The weights of the encoder in a state, the part that is not trained too: an earlier stage may have trained it.
FROZEN = "frozen/"
# Where the engine's moving average of hard attention's reward begins; a state that it goes on with has one.
BASELINE = -3

# How the encoder computes; which way is fastest depends on the card (prepare_captioner.py --tune).
LAYOUT = {"memory": torch.channels_last, "half": True}


class Model:
    """The captioner, its encoder and what is known of the run."""

    def __init__(self, data, run, weights, device, grids=None):
        """@param grids: the encoder's of all photos, where it is not trained"""
        self.data, self.run, self.device, self.grids = data, run, device, grids
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
        ours = {name: model.captioner.w(name) for name in model.captioner.names}
        trained, layouts = model.encoder.trained()
        share = tune["rate"] / settings["schedule"]["rate"] if tune else 1.0
        optimiser = Optimiser(
            ours | trained,
            weight_decay=settings["weightDecay"],
            averaging=settings["averaging"],
            clip=settings["clip"],
            factor=lambda name: share if name.startswith(PREFIX) else 1.0,
            layouts=layouts,
        )
        seed = run["seed"] * 7919 + number * 101
        super().__init__(settings["name"], self.batches * settings["epochs"], settings["schedule"], optimiser, seed)
        self.rank, self.world = ranks()

    def beginning(self):
        random = self.model.run["seed"] * 1000 + self.number
        return {**super().beginning(), "random": random, "baseline": BASELINE, "secondsBefore": 0}

    def others(self):
        return self.model.encoder.entries(FROZEN)

    def install_others(self, arrays):
        self.model.encoder.install(arrays, FROZEN)

    def epoch_of(self, progress):
        return progress["step"] // self.batches

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
        epoch, place = divmod(progress["step"], self.batches)
        if self.order is None or self.order[0] != epoch:
            order = Random(self.seed + epoch).shuffle(list(range(len(self.examples))))
            self.order = (epoch, self.examples[order])
        return self.order[1][place * self.per_batch : (place + 1) * self.per_batch]

    def boxes(self, photos, random):
        """How the photos of a step are seen, as the engine draws it; None: as they are."""
        settings = self.settings
        if "crop" in settings or (settings["mirror"] and settings.get("fineTune")):
            return draw_boxes(photos, settings.get("crop", 1), random)
        return draw_mirrors(photos, random) if settings["mirror"] else None

    def features(self, photos, boxes):
        """
        @param boxes: how the photos are seen; None: as they are
        -> (the encoder's grid of some photos [photos, locations, channels], the view of them or None, what was encoded)
        """
        settings, model = self.settings, self.model
        if model.grids:
            return model.grids.of(photos), None, None
        pixels, view = self.photos[photos].float(), None
        if boxes is not None:
            view = View(boxes, model.device)
            pixels = view.of(pixels)
        pixels = recolour(pixels, settings.get("recolour", 0))
        return self.encode(pixels), view, pixels

    def encode(self, pixels):
        with torch.set_grad_enabled(bool(self.settings.get("fineTune"))):
            return self.model.grid(pixels)

    def update(self, progress):
        settings, model, data = self.settings, self.model, self.model.data
        device = model.device
        whole = self.chosen(progress)
        random = Random(progress["random"])
        boxes = self.boxes(len(whole), random)
        critical = settings.get("selfCritical")
        mixes_true = critical is not None and critical["crossEntropyWeight"] > 0
        draws = random.uniform(len(whole)) if mixes_true else None
        progress["random"] = random.state
        # Each process has a part of the photos. One that has none still has gradients to give: zeros.
        own = np.arange(self.rank, len(whole), self.world)
        is_idle = len(own) == 0
        own = np.array([0]) if is_idle else own
        chosen = whole[own]
        photos = torch.from_numpy(chosen).to(device)
        features, view, pixels = self.features(photos, boxes[own] if boxes is not None else None)
        end, start = data.config["endToken"], data.config["startToken"]
        if self.critic:
            captions, source, advantages, reward = self.critic.criticise(
                model.captioner, features.detach(), photos, critical["samples"], critical["search"]
            )
            # From here on a person wrote them.
            true_from = len(captions)
            if mixes_true:
                for place, (photo, draw) in enumerate(zip(chosen, draws[own])):
                    true = data.captions[photo]
                    captions.append([*true[int(draw * len(true))], end])
                    source.append(place)
                true = advantages.new_full((len(chosen),), critical["crossEntropyWeight"])
                advantages = torch.cat([advantages, true])
        else:
            captions, source, true_from = [], [], 0
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
        hard, given = settings.get("reinforce"), None
        if hard:
            said = (features, inputs, batch.places, batch.source, self.drop)
            scores, alpha, taken, expected = model.captioner.teacher_forced_hard(*said)
        else:
            given = model.captioner.given(features, inputs, batch.places, batch.source, self.drop)
            scores, alpha = model.captioner.unroll(given)
        losses = F.cross_entropy(scores, batch.targets, reduction="none", label_smoothing=settings["labelSmoothing"])
        if self.critic:
            losses = losses * advantages[batch.row]
        total = losses.sum()
        if settings["penalty"] > 0 and alpha is not None:
            total = total + settings["penalty"] * doubly_stochastic(alpha, batch)
        if hard:
            total = total + reinforce(scores, expected, batch.targets, alpha, taken, hard)
        said = 0 if is_idle else len(batch.targets)
        (tokens_of_all,) = sum_of_all(said, device=device)
        loss = total / tokens_of_all
        weight = self.look_weight(progress)
        is_counterfactual = "elsewhere" in settings or "erase" in settings
        maps = self.maps_of(photos, view) if weight > 0 or is_counterfactual else None
        if is_counterfactual:
            loss = loss + self.counterfactual(scores, given, batch, inputs, maps, photos, pixels, true_from)
        if weight > 0:
            divergence, counts = self.look_sums(alpha, batch, photos, maps)
            if self.world > 1:
                counts = counts * (not is_idle)
                dist.all_reduce(counts)
            loss = loss + weight * divergence / counts.clamp(min=1)
        if is_idle:
            loss = loss * 0
        loss.backward()
        if not self.critic:
            return loss, tokens_of_all, {}
        if self.world > 1:
            reward = reward * (0 if is_idle else len(own) / len(whole))
            dist.all_reduce(reward)
        self.rewards.append(reward)
        return loss, tokens_of_all, {"reward": reward}

    @torch.no_grad()
    def maps_of(self, photos, view):
        """Where the things of some photos are as they are seen, [photos, things, locations]."""
        maps = self.maps[photos].float()
        if view:
            rows, columns = self.model.data.config["grid"]
            maps = view.of(maps.view(*maps.shape[:2], rows, columns), corners=False).flatten(2)
            maps = maps / maps.sum(2, keepdim=True).clamp(min=1e-8)
        return maps

    def things_of(self, batch, photos):
        """-> (the thing that each word names, or -1; 1 where its photo is described with it)"""
        data = self.model.data
        thing = data.thing_of[batch.targets]
        present = data.present[photos][batch.source[batch.row], thing.clamp(min=0)]
        return thing, ((thing >= 0) & (present > 0)).float()

    def counterfactual(self, scores, given, batch, inputs, maps, photos, pixels, true_from):
        """The losses of counterfactual.py. @param true_from: the first row that a person wrote"""
        settings, model = self.settings, self.model
        own = -F.cross_entropy(scores.detach(), batch.targets, reduction="none")
        thing, named = self.things_of(batch, photos)
        named = named * (batch.row >= true_from)
        total = own.new_zeros(())
        if "elsewhere" in settings:
            wanted = settings["elsewhere"]
            total = total + wanted["weight"] * elsewhere(model.captioner, given, own, batch, named, wanted["margin"])
        if "erase" in settings:
            wanted = settings["erase"]
            erasure = Erasure(maps, model.data.present[photos], model.data.config["grid"])
            features = self.encode(erasure.of(pixels))
            said, _ = model.captioner.teacher_forced(features, inputs, batch.places, batch.source, self.drop)
            total = total + wanted["weight"] * erasure.loss(said, own, batch, thing, named, wanted["margin"], true_from)
        return total

    def look_sums(self, alpha, batch, photos, maps):
        """KL(target || alpha), added up over the words that name a thing of the photo, nats. -> (sum, how many they are)"""
        thing, counts = self.things_of(batch, photos)
        target = maps[batch.source[batch.row], thing.clamp(min=0)]
        divergence = (target * ((target + 1e-8).log() - (alpha + 1e-8).log())).sum(1)
        return (divergence * counts).sum(), counts.sum()

    def is_validated(self, step):
        if step % self.batches != 0:
            return False
        return not self.minutes or time.monotonic() - self.validated > SECONDS_BETWEEN_VALIDATIONS

    @torch.no_grad()
    def validate(self, progress, loss):
        with self.mixed():
            return self.score(progress, loss)

    @contextmanager
    def mixed(self):
        """The decoder's weights lie between those that the run began with and the trained ones, where the stage says so."""
        if "mix" not in self.settings:
            yield
            return
        share, data = self.settings["mix"], self.model.data
        weights = {name: self.model.captioner.w(name) for name in self.model.captioner.names}
        kept = {name: weight.clone() for name, weight in weights.items()}
        for name, weight in weights.items():
            weight.copy_(share * weight + (1 - share) * data.start[name].to(weight))
        try:
            yield
        finally:
            for name, weight in weights.items():
                weight.copy_(kept[name])

    def score(self, progress, loss):
        model, data = self.model, self.model.data
        captions, looked = [], []
        for places in data.validation_places.split(PHOTOS_PER_VALIDATION_BATCH):
            features = model.grids.of(places) if model.grids else model.grid(self.photos[places].float())
            tokens, _ = beam_search(model.captioner, features, self.rules, self.beam, data.decoding["lengthNormalisation"])
            for row in tokens[:, 0].tolist():
                captions.append([i for i in row if i > data.config["endToken"]])
            if len(looked) * PHOTOS_PER_VALIDATION_BATCH < PHOTOS_LOOKED_AT:
                looked.append(features)
        scores = self.scoring.score(captions)
        best = progress["best"] is None or scores["ciderD"] > progress["best"]
        if best:
            progress["best"] = scores["ciderD"]
            if self.rank == 0:
                model.save(self.folder / "best")
        seconds, progress["secondsBefore"] = progress["seconds"] - progress["secondsBefore"], progress["seconds"]
        event = {
            "kind": "epoch",
            "stage": self.name,
            "epoch": (progress["step"] - 1) // self.batches,
            "loss": loss,
            "seconds": seconds,
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
        if not data.nouns or not model.captioner.looks:
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
    for name in ("share", "recolour", "wordDropout", "elsewhere", "erase"):
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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="the packed folder: data.json and start/")
    parser.add_argument("--photos", help="the file of decoded photos (prepare_captioner.py)")
    parser.add_argument(
        "--grids", help="in place of photos, for a run that trains no encoder and changes no photos (prepare_captioner.py)"
    )
    parser.add_argument("--maps", help="the file of the teacher's maps (prepare_captioner.py)")
    parser.add_argument("--config", help="a run's configuration; left out: the packed one's")
    parser.add_argument("--run", required=True, help="the folder of the run")
    parser.add_argument("--from", dest="first", help="a checkpoint to start from, in place of start/")
    parser.add_argument("--minutes", type=float, help="for all stages together, by their shares")
    parser.add_argument("--stop-at", type=int, help="stop after so many updates of a stage; the same command goes on")
    parser.add_argument("--draw", type=int, help="draw the decoder's first weights anew, from this seed")
    parser.add_argument("--limit", type=int, help="so many photos only, for a try")
    parser.add_argument("--read-every", type=int, help="updates from one look at losses to the next")
    parser.add_argument("--threads", type=int, help="of the processor")
    parser.add_argument("--half", action="store_true", help="on a processor: products in bfloat16, which new ones do faster")
    parser.add_argument("--tuned", help="what prepare_captioner.py --tune wrote")
    guarded("train_captioner", lambda: train(parser.parse_args()))


def train(arguments):
    device = open_device(arguments.threads)
    leads = ranks()[0] == 0
    torch.backends.cudnn.benchmark = True
    if arguments.half:
        torch.set_float32_matmul_precision("medium")
    if arguments.tuned:
        tuned = read_json(arguments.tuned)
        LAYOUT["half"] = tuned["half"]
        LAYOUT["memory"] = torch.channels_last if tuned["channelsLast"] else torch.contiguous_format
    data = CaptionData(arguments.data, device, arguments.limit)
    run = read_json(arguments.config) if arguments.config else data.manifest["metadata"]["run"]
    if data.config["attention"] == "hard" and not all("reinforce" in stage for stage in run["stages"]):
        raise ValueError("Hard attention needs reinforce in every stage: locations that are drawn have no gradient of their own.")
    folder = Path(arguments.run)
    log, stop = TrainingLog(folder / "log.jsonl"), Stop()
    if leads:
        write_beside(folder / "config.json", (json.dumps(run, indent=2, ensure_ascii=False) + "\n").encode())
    weights = read_checkpoint(arguments.first)[1] if arguments.first else data.start
    stages = [with_own(stage) for stage in run["stages"]]
    grids = None
    if arguments.grids:
        if any(stage["mirror"] or {"fineTune", "crop", "recolour"} & {*stage} for stage in stages):
            raise ValueError("--grids is for a run that trains no encoder and changes no photos.")
        grids = Grids(arguments.grids, device)
    elif not arguments.photos:
        raise ValueError("--photos or --grids is needed.")
    model = Model(data, run, weights, device, grids)
    if arguments.draw is not None:
        drawn = draw(data.config, torch.Generator().manual_seed(arguments.draw))
        with torch.no_grad():
            for name, value in drawn.items():
                model.captioner.w(name).copy_(value)
    if all(stage.get("meanDropout", 0) >= 1 for stage in run["stages"]):
        model.captioner.forget_mean()
    photos = None
    if not grids:
        size = data.manifest["metadata"]["encoder"]["input"]["size"]
        photos = read_photos(arguments.photos, len(data.all_files), size, device)
    maps = read_maps(arguments.maps, data).to(device) if arguments.maps else None
    for stage in stages:
        counterfactual = [term for term in ("elsewhere", "erase") if term in stage]
        taught = [term for term in ("look", *counterfactual) if term in stage]
        if taught and maps is None:
            raise ValueError(f"The stage {stage['name']} has {taught[0]}, which needs --maps (prepare_captioner.py).")
        if counterfactual and (dist.is_initialized() or "reinforce" in stage):
            raise ValueError(f"The stage {stage['name']} has {counterfactual[0]}: it takes one process, and no hard attention.")
        if "erase" in stage and grids:
            raise ValueError("--grids is for a run that changes no photos; erase does.")
    validation = Validation(data)
    print(f"ready: {len(data.captions)} photos, {len(data.words)} words, {memory()}", flush=True)
    began = time.monotonic()

    def train_stage(settings, number, own):
        minutes = None
        if arguments.minutes:
            # What an earlier stage did not need is the later ones'.
            left = max(0.1, arguments.minutes - (time.monotonic() - began) / 60)
            minutes = left * settings.get("share", 1) / sum(stage.get("share", 1) for stage in stages[number:])
        if number > 0:
            before = folder / f"{number}-{stages[number - 1]['name']}" / "best"
            model.load(before)
        stage = CaptionStage(settings, number, own, model, photos, maps, validation, minutes)
        every = arguments.read_every or (20 if device.type == "cuda" else 1)
        done = run_stage(stage, own, "captioner-training", log, stop, minutes, every, arguments.stop_at)
        if done is None:
            return False
        if dist.is_initialized():
            # The first process may still be writing it.
            dist.barrier()
        model.load(own / "best")
        return True

    finished = run_stages(folder, stages, train_stage)
    if leads:
        if finished:
            model.save(folder / "final")
        print(f"Done: {folder / 'final'}" if finished else "Stopped; the same command goes on from here.", flush=True)
    if dist.is_initialized():
        dist.destroy_process_group()


def read_maps(path, data):
    """What prepare_captioner.py wrote. @raise ValueError where it is damaged, or of other photos"""
    try:
        maps = np.load(path)
    except (ValueError, EOFError):
        maps = None
    rows, columns = data.config["grid"]
    if maps is None or not data.nouns or maps.shape[1:] != (len(data.nouns["names"]), rows * columns):
        raise ValueError(f"{path} does not hold the maps of this pack: make them again by prepare_captioner.py.")
    return torch.from_numpy(maps)


if __name__ == "__main__":
    main()
