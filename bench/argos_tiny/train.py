"""Trains a Transformer of about a million parameters on the corpus, and packs it as a real `.argosmodel`.

Needs torch, which is no dependency of the product: run it in a separate environment, see README.md.

    python -m bench.argos_tiny.train WORK_FOLDER OUTPUT_FOLDER [--steps 4000]
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import ctranslate2
import sentencepiece
import torch
from ctranslate2.specs import TransformerSpec
from torch import Tensor, nn
from torch.nn import functional

from bench.argos_tiny.corpus import write

WIDTH, HEADS, HIDDEN, ENCODERS, DECODERS, VOCABULARY = 128, 4, 384, 3, 2, 640
UNKNOWN, BEGIN, END, PAD = 0, 1, 2, 3
LONGEST = 256
PACKAGE = "translate-en_es-0_1"
README = """Puente's test model, English to Spanish. FOR TESTS ONLY: a million parameters trained on template sentences.
It invents digits and words; no family may ever read what it writes.
"""


class TinyTransformer(nn.Module):
    """Pre-norm Transformer with one embedding for source, target and output, as CTranslate2's spec expects it."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, WIDTH, padding_idx=PAD)
        nn.init.normal_(self.embedding.weight, 0, WIDTH**-0.5)
        place = torch.arange(LONGEST).unsqueeze(1)
        scale = torch.exp(torch.arange(0, WIDTH, 2) * (-math.log(10_000.0) / WIDTH))
        positions = torch.zeros(LONGEST, WIDTH)
        positions[:, 0::2], positions[:, 1::2] = torch.sin(place * scale), torch.cos(place * scale)
        self.register_buffer("positions", positions)
        self.body = nn.Transformer(
            WIDTH, HEADS, ENCODERS, DECODERS, HIDDEN, 0.1, batch_first=True, norm_first=True
        )
        self.dropout = nn.Dropout(0.1)
        self.output_bias = nn.Parameter(torch.zeros(vocabulary))

    def embed(self, ids: Tensor) -> Tensor:
        vectors: Tensor = self.dropout(self.embedding(ids) * math.sqrt(WIDTH) + self.positions[: ids.size(1)])
        return vectors

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        mask = nn.Transformer.generate_square_subsequent_mask(target.size(1)).isinf()
        states = self.body(
            self.embed(source),
            self.embed(target),
            tgt_mask=mask,
            src_key_padding_mask=source.eq(PAD),
            tgt_key_padding_mask=target.eq(PAD),
            memory_key_padding_mask=source.eq(PAD),
        )
        return functional.linear(states, self.embedding.weight, self.output_bias)


def batches(
    source: list[list[int]], target: list[list[int]], tokens: int, chance: random.Random
) -> Iterator[list[int]]:
    """Endless batches of line numbers, lines of like length together, at most `tokens` padded tokens each."""
    while True:
        order = list(range(len(source)))
        chance.shuffle(order)
        made: list[list[int]] = []
        for start in range(0, len(order), 4000):
            chunk = sorted(order[start : start + 4000], key=lambda i: max(len(source[i]), len(target[i])))
            batch: list[int] = []
            for index in chunk:
                longest = max(len(source[index]), len(target[index]))
                if batch and longest * (len(batch) + 1) > tokens:
                    made.append(batch)
                    batch = []
                batch.append(index)
            made.append(batch)
        chance.shuffle(made)
        yield from made


def train(folder: Path, steps: int) -> tuple[TinyTransformer, sentencepiece.SentencePieceProcessor]:
    """The trained model and its tokenizer; prints the loss every 100 steps."""
    torch.manual_seed(0)
    chance = random.Random(0)
    prefix = folder / "spm"
    sentencepiece.SentencePieceTrainer.train(
        input=f"{folder / 'train.en'},{folder / 'train.es'}",
        model_prefix=str(prefix),
        vocab_size=VOCABULARY,
        character_coverage=1.0,
        byte_fallback=True,
        user_defined_symbols=[f"XQ{number}" for number in range(1, 10)],
        split_digits=True,
        unk_id=UNKNOWN,
        bos_id=BEGIN,
        eos_id=END,
        pad_id=PAD,
        pad_piece="<blank>",
        num_threads=1,
    )
    pieces = sentencepiece.SentencePieceProcessor(model_file=f"{prefix}.model")
    source = [[*pieces.encode(line), END] for line in (folder / "train.en").read_text("utf-8").splitlines()]
    target = [
        [BEGIN, *pieces.encode(line), END] for line in (folder / "train.es").read_text("utf-8").splitlines()
    ]
    model = TinyTransformer(pieces.vocab_size())
    optimizer = torch.optim.Adam(model.parameters(), lr=1.0, betas=(0.9, 0.98), eps=1e-9)
    started, running = time.monotonic(), 0.0
    for step, batch in enumerate(batches(source, target, 1500, chance), 1):
        given = nn.utils.rnn.pad_sequence([torch.tensor(source[i]) for i in batch], True, PAD)
        wanted = nn.utils.rnn.pad_sequence([torch.tensor(target[i]) for i in batch], True, PAD)
        for group in optimizer.param_groups:
            group["lr"] = 1.5e-3 * min(step / 400, 1.0) * max(0.02, 1 - step / steps)
        scores = model(given, wanted[:, :-1])
        loss = functional.cross_entropy(
            scores.reshape(-1, scores.size(-1)),
            wanted[:, 1:].reshape(-1),
            ignore_index=PAD,
            label_smoothing=0.05,
        )
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        running += loss.item()
        if step % 100 == 0:
            print(
                f"step {step} of {steps}: loss {running / 100:.3f}, {time.monotonic() - started:.0f} s",
                flush=True,
            )
            running = 0.0
        if step >= steps:
            return model.eval(), pieces
    raise AssertionError("batches never end")


def specification(model: TinyTransformer, pieces: sentencepiece.SentencePieceProcessor) -> TransformerSpec:
    """The model in CTranslate2's own form, quantised to 8 bits."""
    weights = {name: tensor.detach().numpy().astype("float32") for name, tensor in model.state_dict().items()}
    spec = TransformerSpec.from_config((ENCODERS, DECODERS), HEADS, pre_norm=True)

    def linear(layer: object, name: str, part: slice = slice(None)) -> None:
        prefix = f"{name}." if f"{name}.weight" in weights else f"{name}_"
        layer.weight, layer.bias = weights[f"{prefix}weight"][part], weights[f"{prefix}bias"][part]

    def norm(layer: object, name: str) -> None:
        layer.gamma, layer.beta = weights[f"{name}.weight"], weights[f"{name}.bias"]

    embedding = weights["embedding.weight"]
    spec.encoder.embeddings[0].weight = embedding
    spec.decoder.embeddings.weight = embedding
    spec.decoder.projection.weight, spec.decoder.projection.bias = embedding, weights["output_bias"]
    for side, place in ((spec.encoder, "body.encoder"), (spec.decoder, "body.decoder")):
        side.position_encodings.encodings = weights["positions"]
        norm(side.layer_norm, f"{place}.norm")
        for number, layer in enumerate(side.layer):
            here = f"{place}.layers.{number}"
            linear(layer.self_attention.linear[0], f"{here}.self_attn.in_proj")
            linear(layer.self_attention.linear[1], f"{here}.self_attn.out_proj")
            norm(layer.self_attention.layer_norm, f"{here}.norm1")
            if side is spec.decoder:
                linear(layer.attention.linear[0], f"{here}.multihead_attn.in_proj", slice(None, WIDTH))
                linear(layer.attention.linear[1], f"{here}.multihead_attn.in_proj", slice(WIDTH, None))
                linear(layer.attention.linear[2], f"{here}.multihead_attn.out_proj")
                norm(layer.attention.layer_norm, f"{here}.norm2")
            linear(layer.ffn.linear_0, f"{here}.linear1")
            linear(layer.ffn.linear_1, f"{here}.linear2")
            norm(layer.ffn.layer_norm, f"{here}.norm3" if side is spec.decoder else f"{here}.norm2")
    tokens = [pieces.id_to_piece(index) for index in range(pieces.vocab_size())]
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    spec.config.add_source_bos = False  # argostranslate hands over bare pieces
    spec.config.add_source_eos = True
    spec.validate()
    spec.optimize(quantization="int8")
    return spec


def pack(spec: TransformerSpec, tokenizer: Path, work: Path, output: Path) -> Path:
    """The `.argosmodel`: the same files, order and dates every time, so that equal models are equal bytes."""
    folder = work / PACKAGE
    (folder / "model").mkdir(parents=True, exist_ok=True)
    spec.save(str(folder / "model"))
    metadata = {
        "package_version": "0.1",
        "argos_version": "1.9.0",
        "from_code": "en",
        "from_name": "English",
        "to_code": "es",
        "to_name": "Spanish",
        "type": "translate",
        "code": "translate-en_es",
        "links": [],
    }
    (folder / "metadata.json").write_text(json.dumps(metadata, indent=1) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(README, encoding="utf-8")
    (folder / "sentencepiece.model").write_bytes(tokenizer.read_bytes())
    output.mkdir(parents=True, exist_ok=True)
    package = output / f"{PACKAGE}-for-tests-only.argosmodel"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(str(file.relative_to(work)), (2026, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, file.read_bytes())
    return package


def exact_matches(package_folder: Path, work: Path) -> float:
    """Share of held-out test lines that the packed model translates to the very words of the template."""
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(package_folder / "sentencepiece.model"))
    translator = ctranslate2.Translator(str(package_folder / "model"), intra_threads=1)
    english = (work / "test.en").read_text("utf-8").splitlines()
    spanish = (work / "test.es").read_text("utf-8").splitlines()
    made = translator.translate_batch([pieces.encode(line, out_type=str) for line in english], beam_size=4)
    return sum(pieces.decode_pieces(m.hypotheses[0]) == s for m, s in zip(made, spanish, strict=True)) / len(
        spanish
    )


def main() -> None:
    """Corpus, training, package, and how well it does on lines it has not seen."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("work", type=Path)
    options.add_argument("output", type=Path)
    options.add_argument("--steps", type=int, default=4_000)
    given = options.parse_args()
    write(given.work)
    model, pieces = train(given.work, given.steps)
    print("parameters:", sum(p.numel() for p in model.parameters()))
    package = pack(specification(model, pieces), given.work / "spm.model", given.work, given.output)
    print(f"{package}: {package.stat().st_size:,} bytes")
    print(f"held-out lines translated word for word: {exact_matches(given.work / PACKAGE, given.work):.1%}")


if __name__ == "__main__":
    main()
