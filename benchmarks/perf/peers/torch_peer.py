"""PyTorch, any version from 1.13, working on request: one JSON object a line in, one out (see ../work.ts).

usage: torch_peer.py THREADS
"""

import ctypes
import json
import math
import sys
import time

import numpy
import torch
from torch.nn import functional

CHECKED_RATE = 1e-3
PRODUCTS = 10


def read_safetensors(path):
    """The float32 tensors of a file, each copied once."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    data = numpy.memmap(path, dtype=numpy.uint8, mode="r", offset=8 + size)
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        if entry["dtype"] != "F32":
            raise ValueError(f"{name} is {entry['dtype']}, expected F32")
        begin, end = entry["data_offsets"]
        values = numpy.array(data[begin:end]).view(numpy.float32).reshape(entry["shape"])
        tensors[name] = torch.nn.Parameter(torch.from_numpy(values))
    return tensors


class Decoder:
    """A Qwen3 decoder with tied embeddings, as its equations say, with this PyTorch's fastest exact attention."""

    def __init__(self, directory):
        with open(f"{directory}/config.json", encoding="utf-8") as file:
            self.config = json.load(file)
        self.weights = read_safetensors(f"{directory}/model.safetensors")
        self.fused = hasattr(functional, "scaled_dot_product_attention")

    def norm(self, x, name):
        scale = torch.rsqrt(x.square().mean(-1, keepdim=True) + self.config["rms_norm_eps"])
        return x * scale * self.weights[name + ".weight"]

    def project(self, x, name):
        return functional.linear(x, self.weights[name + ".weight"])

    def angles(self, length):
        half = self.config["head_dim"] // 2
        rates = self.config["rope_theta"] ** (-torch.arange(half, dtype=torch.float32) / half)
        turns = torch.outer(torch.arange(length, dtype=torch.float32), rates)
        return turns.cos(), turns.sin()

    @staticmethod
    def rotate(x, angles):
        cosine, sine = angles
        first, second = x.chunk(2, dim=-1)
        return torch.cat((first * cosine - second * sine, second * cosine + first * sine), dim=-1)

    def attend(self, x, layer, angles, mask):
        batch, length, _ = x.shape
        heads, shared = self.config["num_attention_heads"], self.config["num_key_value_heads"]
        size, prefix = self.config["head_dim"], f"model.layers.{layer}.self_attn."
        query = self.norm(self.project(x, prefix + "q_proj").view(batch, length, heads, size), prefix + "q_norm")
        key = self.norm(self.project(x, prefix + "k_proj").view(batch, length, shared, size), prefix + "k_norm")
        value = self.project(x, prefix + "v_proj").view(batch, length, shared, size).transpose(1, 2)
        query, key = self.rotate(query.transpose(1, 2), angles), self.rotate(key.transpose(1, 2), angles)
        key, value = (part.repeat_interleave(heads // shared, dim=1) for part in (key, value))
        if self.fused:
            mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        else:
            scores = query @ key.transpose(2, 3) / math.sqrt(size) + mask
            mixed = scores.softmax(-1) @ value
        return self.project(mixed.transpose(1, 2).reshape(batch, length, heads * size), prefix + "o_proj")

    def log_probs(self, ids, targets):
        length, embedding = ids.shape[1], self.weights["model.embed_tokens.weight"]
        x, angles = functional.embedding(ids, embedding), self.angles(length)
        mask = None if self.fused else torch.full((length, length), -math.inf).triu(1)
        for layer in range(self.config["num_hidden_layers"]):
            prefix = f"model.layers.{layer}."
            x = x + self.attend(self.norm(x, prefix + "input_layernorm"), layer, angles, mask)
            h = self.norm(x, prefix + "post_attention_layernorm")
            gate = functional.silu(self.project(h, prefix + "mlp.gate_proj"))
            x = x + self.project(gate * self.project(h, prefix + "mlp.up_proj"), prefix + "mlp.down_proj")
        logits = functional.linear(self.norm(x, "model.norm"), embedding)
        return -functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")


def surrogate(log_probs, old, advantages):
    """The clipped objective with a bound for negative advantages, a mean over tokens."""
    ratio = (log_probs - old).clamp(-20, 20).exp()
    loss = torch.maximum(-advantages * ratio, -advantages * ratio.clamp(0.8, 1.2))
    return torch.where(advantages < 0, torch.minimum(loss, -10 * advantages), loss).mean()


def make_optimizer(parameters):
    settings = {"lr": 0.0, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}
    try:
        return torch.optim.AdamW(parameters, fused=True, **settings)
    except (RuntimeError, TypeError):
        return torch.optim.AdamW(parameters, foreach=True, **settings)


def training(work, directory):
    model = Decoder(directory)
    parameters = list(model.weights.values())
    # Moments only where the step is measured: as little memory as the work needs.
    optimizer = None if work["kind"] == "backward" else make_optimizer(parameters)
    rows, length, vocabulary = work["rows"], work["length"], model.config["vocab_size"]
    row, place = torch.arange(rows)[:, None], torch.arange(length + 1)[None]
    tokens = (row * 7919 + place * 104729 + 1) % vocabulary
    ids, targets = tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous()
    old = -12.0 if vocabulary == 480 else -math.log(vocabulary)
    advantages = torch.where((row + place[:, :-1]) % 3 == 0, -0.5, 1.0).flatten()

    def backward():
        for parameter in parameters:
            parameter.grad = None
        loss = surrogate(model.log_probs(ids, targets), old, advantages)
        loss.backward()
        return loss

    def step(rate):
        norm = torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        if optimizer is not None:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
        return norm

    def update():
        backward()
        step(1e-9)

    loss = backward().item()
    numbers = {"loss": loss, "norm": step(CHECKED_RATE if work["kind"] == "optimizer" else 0.0).item()}
    if work["kind"] == "optimizer":
        numbers["after"] = backward().item()
        return numbers, lambda: step(1e-9)
    return numbers, backward if work["kind"] == "backward" else update


def product():
    factor, place = torch.full((1024, 1024), 0.5), torch.empty(1024, 1024)

    def repeated():
        for _ in range(PRODUCTS):
            torch.mm(factor, factor, out=place)

    repeated()
    return {}, repeated


def kernel():
    """Which library multiplies matrices, and with which instructions: OpenBLAS says so itself."""
    if torch.backends.mkl.is_available():
        capability = getattr(getattr(torch.backends, "cpu", None), "get_cpu_capability", lambda: "unknown")()
        return f"MKL, {capability}"
    with open("/proc/self/maps", encoding="utf-8") as file:
        paths = sorted({line.split()[-1] for line in file if "blas" in line})
    for path in paths:
        try:
            name = ctypes.CDLL(path).openblas_get_corename
        except (OSError, AttributeError):
            continue
        name.restype = ctypes.c_char_p
        return f"OpenBLAS {name().decode()}"
    return f"slow: {', '.join(path.rsplit('/', 1)[-1] for path in paths) or 'no BLAS'}, expected OpenBLAS or MKL"


def peak_memory():
    with open("/proc/self/status", encoding="utf-8") as file:
        return next(1024 * int(line.split()[1]) for line in file if line.startswith("VmHWM"))


def main():
    torch.set_num_threads(int(sys.argv[1]))
    works = []
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "about":
            answer = {"version": torch.__version__, "kernel": kernel()}
        elif request["do"] == "memory":
            answer = {"peak": peak_memory()}
        elif request["do"] == "prepare":
            work = request["work"]
            numbers, run = product() if work["kind"] == "product" else training(work, request["directory"])
            works.append(run)
            answer = {"numbers": numbers}
        else:
            cpu, start = time.process_time(), time.perf_counter()
            works[request["id"]]()
            answer = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}
        print(json.dumps(answer), flush=True)


main()
