#!/usr/bin/env python3
"""Published models at full size with drawn weights, and what PyTorch does with them; see bench/published.mjs.

    torch_models.py make FOLDER     writes BLIP-base and opus-mt as their authors' code saves them, with what it computes
    torch_models.py time FOLDER MODEL     times one of the same models; prints JSON
"""

import json
import os
import pathlib
import resource
import sys

import torch
import transformers

from fastest import fastest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "scripts" / "fixtures"))

import drawn_models  # noqa: E402 - found there

TOKENS = 20
BLIP_SPECIAL = {"bos": 30522, "eos": 2, "sep": 102, "pad": 0}


def halved(model):
    """With weights as float16 keeps them, in which they are on the disk."""
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:  # not sines and cosines
                parameter.copy_(parameter.half().float())
    return model


def pixels():
    generator = torch.Generator().manual_seed(3)
    return torch.randint(0, 256, (1, 384, 384, 3), generator=generator)


MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073])
DEVIATION = torch.tensor([0.26862954, 0.26130258, 0.27577711])
SOURCE = [101 + 37 * i for i in range(19)] + [0]


def seen(photo):
    return ((photo / 255 - MEAN) / DEVIATION).permute(0, 3, 1, 2).contiguous()


def blip_logits(model, vectors, tokens):
    return model.text_decoder(
        input_ids=torch.tensor([tokens]), encoder_hidden_states=vectors, output_attentions=True, return_dict=True
    )


def make(folder):
    torch.manual_seed(1)
    with torch.no_grad():
        model = halved(drawn_models.blip(transformers.BlipConfig(), 0.02))
        path = folder / "blip-base"
        model.save_pretrained(path)
        photo = pixels()
        (path / "pixels.bin").write_bytes(photo.to(torch.uint8).numpy().tobytes())
        vectors = model.vision_model(seen(photo)).last_hidden_state
        fed = [BLIP_SPECIAL["bos"], 1037, 3899, 3216, 2083]
        out = blip_logits(model, vectors, fed)
        cross = torch.stack([layer[0, :, -1] for layer in out.cross_attentions])
        write(path, {
            "preprocessing": {"mean": MEAN.tolist(), "deviation": DEVIATION.tolist()},
            "fed": fed,
            "vectors": vectors[0, ::48, ::64].tolist(),
            "logits": torch.log_softmax(out.logits[0, -1], -1)[::97].tolist(),
            "cross": cross[:, :, ::13].tolist(),
        })
        del model, vectors, out
        # As large as Helsinki-NLP/opus-mt-en-de.
        model = halved(
            drawn_models.marian(58101, 512, 2048, layers=(6, 6), heads=8, positions=512, scale=0.05)
        )
        path = folder / "opus-mt"
        model.save_pretrained(path)
        written = [58100, 17, 2048, 999, 31000]
        out = model(
            input_ids=torch.tensor([SOURCE]), decoder_input_ids=torch.tensor([written]), output_attentions=True
        )
        write(path, {
            "source": SOURCE,
            "fed": written,
            "logits": torch.log_softmax(out.logits[0, -1], -1)[::97].tolist(),
            "cross": torch.stack([layer[0, :, -1] for layer in out.cross_attentions]).tolist(),
        })


def write(path, reference):
    (path / "reference.json").write_text(json.dumps(reference))


def measure(folder, which):
    torch.set_num_threads(os.cpu_count())
    with torch.no_grad():
        found = measure_blip(folder) if which == "blip-base" else measure_marian(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps({"version": torch.__version__, "milliseconds": found, "peak": peak}))


GENERATE = {"min_new_tokens": TOKENS, "max_new_tokens": TOKENS}


def measure_blip(folder):
    model = transformers.BlipForConditionalGeneration.from_pretrained(folder / "blip-base").eval()
    photo = seen(pixels())
    vectors = model.vision_model(photo).last_hidden_state
    mask = torch.ones(vectors.shape[:2], dtype=torch.long)
    start = torch.tensor([[BLIP_SPECIAL["bos"]]])

    def write_caption(beams):
        model.text_decoder.generate(
            input_ids=start, encoder_hidden_states=vectors, encoder_attention_mask=mask, num_beams=beams,
            do_sample=False, eos_token_id=BLIP_SPECIAL["sep"], pad_token_id=BLIP_SPECIAL["pad"], **GENERATE,
        )

    return {
        "BLIP-base, encoder": fastest(lambda: model.vision_model(photo)),
        "BLIP-base, 20 tokens, beam 3": fastest(lambda: write_caption(3)),
    }


def measure_marian(folder):
    model = transformers.MarianMTModel.from_pretrained(folder / "opus-mt").eval()
    source = torch.tensor([SOURCE])

    def translate(beams):
        model.generate(input_ids=source, num_beams=beams, do_sample=False, **GENERATE)

    return {
        "opus-mt, 20 tokens, greedy": fastest(lambda: translate(1)),
        "opus-mt, 20 tokens, beam 4": fastest(lambda: translate(4)),
    }


if __name__ == "__main__":
    transformers.utils.logging.set_verbosity_error()
    what, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    make(folder) if what == "make" else measure(folder, sys.argv[3])
