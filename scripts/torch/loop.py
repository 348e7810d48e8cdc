"""The loop of every training: a step, a report, from time to time a validation and a checkpoint; it knows no model.

The same as src/training/training-loop.ts, and its state and log are in the engine's format, so that a run can change
engine at any checkpoint. What differs: the time can be limited, and steps are read back from the card some at a time.
"""

import json
import math
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.distributed as dist

from checkpoint import read_checkpoint, write_checkpoint

SECONDS_BETWEEN_CHECKPOINTS = 120
SECONDS_BETWEEN_LINES = 10


def learning_rate(schedule, step, steps, elapsed=0.0):
    """
    The learning rate of one step: a linear rise over `warmUp` steps, then cosine to `floor` (a share of `rate`;
    Loshchilov and Hutter 2017), constant, or inverse-sqrt (Vaswani et al. 2017, eq. 3).

    @param step: counted from 0
    @param elapsed: share of the time that is over, on [0, 1]: where time is shorter than the steps, it leads the cosine
    """
    rate, warm_up, floor = schedule["rate"], schedule.get("warmUp", 0), schedule.get("floor", 0)
    if step < warm_up and elapsed < 1:
        return rate * (step + 1) / warm_up
    if schedule["decay"] == "constant":
        return rate
    if schedule["decay"] == "inverse-sqrt":
        return rate * math.sqrt(max(warm_up, 1) / (step + 1))
    done = min(1, max(elapsed, (step - warm_up) / max(1, steps - warm_up)))
    return rate * (floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2)


class Optimiser:
    """
    AdamW (Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019, algorithm 2), clipping by the global norm
    (Pascanu et al. 2013) and a running average of the weights (Polyak and Juditsky 1992), as in
    src/engine/training/adam-w.ts. Where several processes train together, their gradients are added up first.

    @param weights: {name: parameter}
    @param weight_decay: of matrices; vectors (biases) do not decay
    @param averaging: decay of the average a step; 0: none is kept
    @param clip: the largest norm of the gradient; 0: no clipping
    @param factor: by a weight's name what its rate is multiplied with
    @param layouts: {name: (to the checkpoint's layout, from it)} of the weights that lie otherwise here
    """

    def __init__(
        self,
        weights,
        beta2=0.999,
        weight_decay=0.0,
        averaging=0.0,
        clip=0.0,
        factor=lambda name: 1.0,
        layouts=None,
    ):
        self.weights, self.layouts = dict(weights), layouts or {}
        self.averaging, self.clip, self.steps = averaging, clip, 0
        self.parameters = list(self.weights.values())
        self.averages = [p.detach().clone() for p in self.parameters] if averaging > 0 else None
        groups = {}
        for name, weight in self.weights.items():
            decay = weight_decay if weight.dim() > 1 else 0.0
            groups.setdefault((decay, factor(name)), []).append(weight)
        self.adam = torch.optim.AdamW(
            [{"params": p, "weight_decay": decay, "factor": f} for (decay, f), p in groups.items()],
            lr=0.0,
            betas=(0.9, beta2),
            eps=1e-8,
            fused=True,
        )

    def step(self, rate):
        """One update with the gradients that are there, which are cleared. -> their norm before clipping (a tensor)."""
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        if dist.is_initialized():
            flat = torch.cat([g.flatten() for g in gradients])
            dist.all_reduce(flat)
            parts = flat.split([g.numel() for g in gradients])
            torch._foreach_copy_(gradients, [part.view_as(g) for part, g in zip(parts, gradients)])
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
        if self.clip > 0:
            torch._foreach_mul_(gradients, (self.clip / norm).clamp(max=1.0))
        for group in self.adam.param_groups:
            group["lr"] = rate * group["factor"]
        self.adam.step()
        self.adam.zero_grad(set_to_none=True)
        self.steps += 1
        if self.averages:
            # A young average would hang on to the first weights, so its decay starts low.
            decay = min(self.averaging, (1 + self.steps) / (10 + self.steps))
            torch._foreach_lerp_(self.averages, [p.detach() for p in self.parameters], 1 - decay)
        return norm

    @contextmanager
    def averaged(self):
        """The averaged weights are in place, then the trained ones again. Without averaging nothing changes."""
        if not self.averages:
            yield
            return
        kept = [p.detach().clone() for p in self.parameters]
        with torch.no_grad():
            torch._foreach_copy_(self.parameters, self.averages)
        try:
            yield
        finally:
            with torch.no_grad():
                torch._foreach_copy_(self.parameters, kept)

    def state(self):
        """What a checkpoint needs: {`value.NAME`, `m.NAME`, `v.NAME`, `average.NAME`: tensor on the processor}."""
        arrays = {}
        for i, (name, weight) in enumerate(self.weights.items()):
            moments = self.adam.state.get(weight, {})
            zeros = torch.zeros_like(weight)
            out, _ = self.layouts.get(name, AS_IT_IS)
            arrays[f"value.{name}"] = out(weight)
            arrays[f"m.{name}"] = out(moments.get("exp_avg", zeros))
            arrays[f"v.{name}"] = out(moments.get("exp_avg_sq", zeros))
            if self.averages:
                arrays[f"average.{name}"] = out(self.averages[i])
        return on_processor(arrays)

    @torch.no_grad()
    def restore(self, steps, arrays):
        """Takes up a stored `state`. @raise ValueError where an array is missing or has another size"""
        self.steps = steps
        for i, (name, weight) in enumerate(self.weights.items()):

            def stored(part):
                array = arrays.get(f"{part}.{name}")
                if array is None or array.numel() != weight.numel():
                    raise ValueError(f"The training checkpoint lacks {part} of {name}.")
                into = self.layouts.get(name, AS_IT_IS)[1]
                return torch.empty_like(weight).copy_(into(array))

            weight.copy_(stored("value"))
            self.adam.state[weight] = {
                "step": torch.tensor(float(steps), device=weight.device),
                "exp_avg": stored("m"),
                "exp_avg_sq": stored("v"),
            }
            if self.averages:
                self.averages[i].copy_(stored("average"))


AS_IT_IS = (lambda array: array, lambda array: array)


def on_processor(arrays):
    """Copies that later steps leave alone. @param arrays: {name: tensor}"""
    return {name: array.detach().cpu().clone() for name, array in arrays.items()}


class TrainingLog:
    """The log of a run: JSON lines, an event each, with the time at which it was written (training-log.ts)."""

    def __init__(self, path):
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # A line that was cut off (the process was killed while it was written) must not take the next one with it.
        if self.path.exists() and not self.path.read_bytes().endswith(b"\n"):
            with open(self.path, "a", encoding="utf-8") as file:
                file.write("\n")

    def append(self, *events):
        now = int(time.time() * 1000)
        lines = [json.dumps({"time": now, **event}, ensure_ascii=False) + "\n" for event in events]
        with open(self.path, "a", encoding="utf-8") as file:
            file.writelines(lines)


class Stop:
    """Set by SIGTERM and Ctrl-C: the step in hand is finished and a checkpoint written."""

    def __init__(self):
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.ask)

    def ask(self, *_):
        self.asked = True


class TrainingState:
    """The checkpoint from which an interrupted training goes on: `state` in the stage's folder (training-state.ts)."""

    def __init__(self, folder, architecture):
        self.folder, self.architecture = Path(folder) / "state", architecture
        self.writer, self.writing = ThreadPoolExecutor(1), None

    @property
    def exists(self):
        return (self.folder / "model.json").exists()

    def save(self, stage, progress):
        """Reads the card now and writes beside the training."""
        self.wait()
        metadata = {"progress": dict(progress), "steps": stage.optimiser.steps}
        arrays = {**stage.optimiser.state(), **on_processor(stage.others())}
        self.writing = self.writer.submit(write_checkpoint, self.folder, self.architecture, {}, metadata, arrays)

    def wait(self):
        """Until the last one is written. @raise what writing it raised"""
        writing, self.writing = self.writing, None
        if writing:
            writing.result()

    def restore(self, stage):
        """-> the progress"""
        manifest, arrays = read_checkpoint(self.folder)
        stage.optimiser.restore(manifest["metadata"]["steps"], arrays)
        stage.install_others(arrays)
        return manifest["metadata"]["progress"]


class Stage:
    """
    A stage of a training as the loop sees it; what a training's own stage has to say is in `update` and `validate`.

    @param name, steps, schedule: of the configuration
    @param optimiser: an `Optimiser` of the model's weights
    @param seed: of what chance decides in a step; every step draws from a generator of its own, so that a run that was
        interrupted draws what it would have drawn
    """

    def __init__(self, name, steps, schedule, optimiser, seed):
        self.name, self.steps, self.schedule, self.optimiser, self.seed = name, steps, schedule, optimiser, seed

    def beginning(self):
        """The progress of a stage that was never begun; JSON can hold it."""
        progress = {"step": 0, "random": 0, "seconds": 0, "best": None, "lossSum": 0, "lossCount": 0}
        return {**progress, "epoch": 0, "place": 0}

    def others(self):
        """What is kept beside optimiser and progress: {name: tensor}."""
        return {}

    def install_others(self, arrays):
        """Takes up what `others` gave."""

    def epoch_of(self, progress):
        """Which pass over the examples the next step belongs to, from 0."""
        return progress["epoch"]

    def update(self, progress):
        """
        Forward and backward of one batch: leaves gradients. Moves what the progress has beside the loop's own.
        -> (loss a token, a tensor; tokens, a number; what the step's event has beside them, {name: tensor}). Of several
        processes each gives its part of both sums: the loss divided by the tokens of all, and the tokens of all.
        """
        raise NotImplementedError

    def is_validated(self, step):
        """Whether the weights are validated after so many steps. After the last they are."""
        raise NotImplementedError

    def validate(self, progress, loss):
        """
        Validates the averaged weights, which are in place, and keeps them where they are the best so far
        (`progress["best"]`). @param loss: mean of training since the last time. -> the event, for the log
        """
        raise NotImplementedError

    def save(self, progress):
        """Writes the averaged weights, which are in place, as a model, beside every state. Nothing by default."""


def run_stage(stage, folder, architecture, log, stop, minutes=None, read_every=1, stop_at=None):
    """
    @param folder: of the stage; `state` in it is gone on from
    @param architecture: of the state: `translator-training` or `captioner-training`
    @param minutes: the longest that the stage may take, validation counted and all commands together; the rate falls with
        the time then, so that the stage ends cooled
    @param read_every: steps from one look at losses to the next: each look waits for the card
    @param stop_at: stops after so many steps, as a signal does
    -> the progress at the end, or None where it was stopped before
    """
    optimiser, state = stage.optimiser, TrainingState(folder, architecture)
    progress = {**stage.beginning(), **(state.restore(stage) if state.exists else {})}
    rank, world = ranks()
    leads = rank == 0
    before = progress.get("minutes", 0.0)
    begin = saved_at = printed_at = time.monotonic()
    pending, speed, recent = [], {"tokens": 0, "seconds": 0.0}, None
    window = {"tokens": 0, "since": begin}

    def elapsed():
        return before + (time.monotonic() - begin) / 60

    def read():
        """Losses and norms since the last look, to the log."""
        nonlocal recent
        if not pending:
            return
        values = torch.stack(
            [torch.stack([n.float() for n in (loss, norm, *own.values())]) for loss, norm, own, _ in pending]
        ).tolist()
        events = []
        left = speed["seconds"] / max(1, progress["step"] - first) * (stage.steps - progress["step"])
        if minutes:
            left = min(left, 60 * (minutes - elapsed()))
        per_second = speed["tokens"] / max(1e-9, speed["seconds"])
        for (loss, norm, *rest), (_, _, own, event) in zip(values, pending):
            if not math.isfinite(norm):
                raise ArithmeticError(f"The gradient is not finite at step {event['step']} of {stage.name}.")
            progress["lossSum"] += loss
            progress["lossCount"] += 1
            recent = loss if recent is None else 0.98 * recent + 0.02 * loss
            events.append(
                {
                    **event,
                    "loss": loss,
                    "norm": norm,
                    **dict(zip(own, rest)),
                    "tokensPerSecond": per_second,
                    "secondsLeft": max(0, left),
                }
            )
        pending.clear()
        if leads:
            log.append(*events)

    def save():
        progress["minutes"] = elapsed()
        if not leads:
            return
        state.save(stage, progress)
        with optimiser.averaged():
            stage.save(progress)
        log.append({"kind": "saved", "stage": stage.name, "step": progress["step"]})

    def together():
        """Whether to stop, and the share of the time that is over; the first process to know says it for all."""
        share = min(1.0, elapsed() / minutes) if minutes else 0.0
        if not dist.is_initialized():
            return stop.asked, share
        found = torch.tensor([float(stop.asked), share], device=optimiser.parameters[0].device)
        dist.all_reduce(found, dist.ReduceOp.MAX)
        asked, share = found.tolist()
        return asked > 0, share

    first = progress["step"]
    done = progress["step"] >= stage.steps
    try:
        while not done:
            asked, share = together()
            if asked or progress["step"] == stop_at:
                read()
                save()
                return None
            started = time.monotonic()
            rate = learning_rate(stage.schedule, progress["step"], stage.steps, share)
            event = {"kind": "step", "stage": stage.name, "epoch": stage.epoch_of(progress)}
            torch.manual_seed(((stage.seed * 2**20 + progress["step"]) * world + rank) % 2**63)
            loss, tokens, own = stage.update(progress)
            loss = loss.detach()
            if dist.is_initialized():
                dist.all_reduce(loss)
            norm = optimiser.step(rate)
            progress["step"] += 1
            step = progress["step"]
            pending.append((loss, norm, own, {**event, "step": step, "steps": stage.steps, "rate": rate}))
            done = step >= stage.steps or share >= 1.0
            is_validated = done or stage.is_validated(step)
            if len(pending) >= read_every or is_validated:
                read()
            spent = time.monotonic() - started
            progress["seconds"] += spent
            speed["seconds"] += spent
            speed["tokens"] += tokens
            window["tokens"] += tokens

            if is_validated:
                mean = progress["lossSum"] / max(1, progress["lossCount"])
                with optimiser.averaged():
                    event = stage.validate(progress, mean)
                progress["lossSum"] = progress["lossCount"] = 0
                if leads and event:
                    log.append(event)
                    print(_line(event), flush=True)
            if done or time.monotonic() - saved_at > SECONDS_BETWEEN_CHECKPOINTS:
                read()
                save()
                saved_at = time.monotonic()
            now = time.monotonic()
            if leads and (now - printed_at > SECONDS_BETWEEN_LINES or done):
                read()
                per_second = window["tokens"] / max(1e-9, now - window["since"])
                print(
                    f"{stage.name} {step}/{stage.steps}  loss {recent:.3f}  {per_second:.0f} tokens/s  rate {rate:.2e}  "
                    f"{memory()}  {elapsed():.1f} min",
                    flush=True,
                )
                printed_at, window = now, {"tokens": 0, "since": now}
        return progress
    finally:
        state.wait()


def ranks():
    """-> (which of the processes that train together this is, how many they are)"""
    return (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)


def sum_of_all(*numbers, device):
    """The sums of numbers over the processes that train together. -> floats"""
    if not dist.is_initialized():
        return numbers
    sums = torch.tensor(numbers, dtype=torch.float64, device=device)
    dist.all_reduce(sums)
    return sums.tolist()


def guarded(program, train):
    """Runs a trainer; what goes wrong is told in a sentence, with exit status 1."""
    try:
        train()
    except torch.OutOfMemoryError:
        sys.exit(f"{program}: The card has too little memory for a batch: make the batches of the configuration smaller.")
    except (OSError, ValueError, ArithmeticError) as error:
        sys.exit(f"{program}: {error}")


def memory():
    """What the card holds for this process at most, in words; nothing on a processor."""
    return f"{torch.cuda.max_memory_allocated() / 2**30:.1f} GiB" if torch.cuda.is_available() else "processor"


def _line(event):
    return " ".join(f"{key} {value}" for key, value in event.items() if key not in ("texts", "samples"))


def open_device(threads=None):
    """
    The device to train on, and where several processes were started (torchrun), their group: nccl on cards, gloo on
    processors. -> device
    """
    if threads:
        torch.set_num_threads(threads)
    has_card = torch.cuda.is_available()
    if "WORLD_SIZE" in os.environ and int(os.environ["WORLD_SIZE"]) > 1:
        dist.init_process_group("nccl" if has_card else "gloo")
    if not has_card:
        return torch.device("cpu")
    torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", 0)))
    torch.backends.cuda.matmul.allow_tf32 = True
    return torch.device("cuda")


def has_half_precision(device):
    """Whether products are taken in bfloat16."""
    return device.type == "cuda" and torch.cuda.is_bf16_supported()


def half_precision(device):
    """The context of a forward pass: bfloat16 where the card has it, else float32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=has_half_precision(device))


def run_stages(run, stages, train):
    """
    Trains stage after stage, from the one that the run's folder says it stopped in.

    @param stages: of the configuration, each with its name
    @param train: (stage, number from 0, folder) -> whether it came to its end; leaves its result in place
    -> whether the last stage came to its end
    """
    folders = [Path(run) / f"{i + 1}-{stage['name']}" for i, stage in enumerate(stages)]
    for i, stage in enumerate(stages):
        # A stage whose successor was begun is over; only its result is needed, and that is in the successor's state.
        if i + 1 < len(stages) and (folders[i + 1] / "state" / "model.json").exists():
            continue
        if not train(stage, i, folders[i]):
            return False
    return True
