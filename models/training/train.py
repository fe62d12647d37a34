"""Trains the network on shards until a clock runs out. One process, or several under torchrun.

The learning rate warms up, stays constant and falls linearly to zero over the last part of the clock (WSD).
Whatever happens, the run can go on: from its checkpoint (--resume), or from shipped weights alone (--init).
See README.md for the flags and the files.
"""

import argparse
import ctypes
import json
import os
import signal
import time
from dataclasses import asdict
from pathlib import Path

import torch
import torch.distributed as dist

import data
import export
import model
from validate import report, validate

LOG_EVERY = 50  # steps


def arguments(argv=None) -> argparse.Namespace:
    a = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    yes_no = argparse.BooleanOptionalAction
    a.add_argument("--shards", required=True, help="folder with manifest.json")
    a.add_argument("--out", required=True, help="folder for checkpoint, weights and log")
    a.add_argument("--minutes", type=float, required=True, help="the clock: minutes of this run, earlier parts of a resumed run included")
    a.add_argument("--clock", choices=["wall", "cpu"], default="wall", help="what --minutes counts: cpu compares networks fairly on a busy machine")
    a.add_argument("--max-steps", type=int, help="stop there, with a checkpoint, whatever the clock says")
    a.add_argument("--init", help="start from these weights (model.safetensors with its config.json)")
    a.add_argument("--resume", help="go on from this checkpoint")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--threads", type=int, default=1, help="a process; two processes beat two threads")
    a.add_argument("--bf16", action=yes_no, default=True, help="bf16 products, f32 weights and sums")
    a.add_argument("--compile", action=yes_no, default=True, help="torch.compile the parts between the attentions")
    g = a.add_argument_group("data")
    g.add_argument("--tokens-per-step", type=int, default=4096, help="padded tokens a step and process")
    g.add_argument("--micro-batches", type=int, default=1, help="cut a step into this many batches of unlike lengths")
    g.add_argument("--alpha", type=float, default=0.5, help="0: the corpus as it is; 1: equal shares of all style and part pairs")
    g.add_argument("--share", action="append", default=[], metavar="SOURCE=SHARE", help="share of the notes that a source gets; the others share the rest")
    g = a.add_argument_group("optimiser")
    g.add_argument("--lr", type=float, default=2e-3)
    g.add_argument("--warmup", type=int, default=100, help="steps")
    g.add_argument("--decay", type=float, default=0.25, help="share of the clock")
    g.add_argument("--weight-decay", type=float, default=0.1)
    g.add_argument("--clip", type=float, default=1.0, help="largest gradient norm")
    g.add_argument("--dropout", type=float, default=0.0, help="for data so small that it is seen many times")
    g = a.add_argument_group("network (of a fresh run)")
    g.add_argument("--name", default="descant-1")
    g.add_argument("--width", type=int, default=192)
    g.add_argument("--layers", type=int, default=8)
    g.add_argument("--heads", type=int, default=6)
    g.add_argument("--kv-heads", type=int, default=2)
    g.add_argument("--head-width", type=int, default=32)
    g.add_argument("--hidden", type=int, default=512)
    g = a.add_argument_group("saving and validation")
    g.add_argument("--save-every", type=float, default=5, help="minutes")
    g.add_argument("--validate-every", type=float, default=10, help="minutes; 0: only at the end")
    g.add_argument("--valid-tokens", type=int, default=80_000, help="tokens of the subset; the last validation takes all")
    return a.parse_args(argv)


def build(args, manifest) -> model.Network:
    """A fresh network, or that of --init or --resume."""
    if args.init:
        net = export.load(args.init, args.dropout)
    elif args.resume:
        net = model.Network(model.Config(**torch.load(args.resume, weights_only=True)["config"]), args.dropout)
    else:
        torch.manual_seed(args.seed)
        sizes = dict(width=args.width, n_layers=args.layers, n_heads=args.heads, n_kv_heads=args.kv_heads)
        sizes |= dict(head_width=args.head_width, hidden=args.hidden)
        vocab = {key: manifest[key] for key in ("vocab_hash", "slots", "context_len")}
        net = model.Network(model.Config(name=args.name, **vocab, **sizes), args.dropout)
    assert net.config.vocab_hash == manifest["vocab_hash"], "these weights belong to another vocabulary than the shards"
    return net


def optimisers_of(net: model.Network, lr: float, weight_decay: float) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the network, AdamW for embeddings and norms, at one rate.

    Source: Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024; its steps are scaled to AdamW's
    as in Liu et al., "Muon is scalable for LLM training", 2025.
    """
    embeddings = list(net.embed.parameters())
    norms = [w for w in net.parameters() if w.dim() < 2]
    matrices = [w for name, w in net.named_parameters() if w.dim() >= 2 and not name.startswith("embed.")]
    groups = [dict(params=embeddings, weight_decay=weight_decay), dict(params=norms, weight_decay=0.0)]
    return [
        torch.optim.Muon(matrices, lr=lr, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.95), fused=True),
    ]


def compile_parts():
    """Compiles what lies between the attentions, once for all layers; shapes stay free."""
    torch._dynamo.config.cache_size_limit = 64
    for owner, name in ((model.Layer, "project"), (model.Layer, "rest"), (model.Head, "forward"), (model, "nats_of")):
        setattr(owner, name, torch.compile(getattr(owner, name), dynamic=True))


class Clock:
    """Minutes used, and the share of the learning rate they leave."""

    def __init__(self, minutes: float, decay: float, warmup: int):
        self.end, self.decay_from, self.warmup = minutes, minutes * (1 - decay), warmup
        self.finishing = False  # decay was asked for early

    def finish(self, now: float, minutes: float):
        self.decay_from, self.end, self.finishing = now, now + minutes, True

    def rate(self, step: int, now: float) -> float:
        left = (self.end - now) / max(self.end - self.decay_from, 1e-9)
        return min((step + 1) / self.warmup, 1.0) * min(max(left, 0.0), 1.0)


class Gradients:
    """All gradients in one vector, so that one all-reduce a step adds them up over the processes, and some numbers with them."""

    EXTRA = 6  # counted tokens, nats, minutes, CPU hours, notes, stop; minutes of an early finish travel in a seventh

    def __init__(self, net: model.Network):
        n = net.n_parameters()
        self.all = torch.zeros(n + self.EXTRA + 1)
        self.flat, self.extra = self.all[:n], self.all[n:]
        at = 0
        for w in net.parameters():
            w.grad = self.flat[at : at + w.numel()].view_as(w)
            at += w.numel()

    def reduce(self, *extra: float, clip: float) -> tuple[list[float], float]:
        """Sums over the processes, divides by the counted tokens (the first of `extra`) and clips. Returns the summed `extra` and the norm."""
        self.extra.copy_(torch.tensor(extra))
        if dist.is_initialized():
            dist.all_reduce(self.all)
        extra = self.extra.tolist()
        self.flat /= max(extra[0], 1.0)
        norm = self.flat.norm().item()
        if norm > clip:
            self.flat *= clip / norm
        return extra, norm


def main(argv=None) -> dict:
    args = arguments(argv)
    started, cpu_started = time.monotonic(), time.process_time()
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):  # glibc gives large blocks back at once and faults their pages in again at each step: 4 % slower
        libc.mallopt(-4, 0), libc.mallopt(-1, 2**31 - 1)  # M_MMAP_MAX, M_TRIM_THRESHOLD
    world, rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
    if world > 1 and not dist.is_initialized():
        dist.init_process_group("gloo")
    torch.set_num_threads(args.threads)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)

    train, valid = data.Split(args.shards, "train"), data.Split(args.shards, "valid")
    shares = {source: float(share) for source, share in (text.split("=") for text in args.share)}
    sampler = data.Sampler(train, args.tokens_per_step // args.micro_batches, args.alpha, args.seed, rank, world, shares)
    net = build(args, train.manifest)
    optimisers = optimisers_of(net, args.lr, args.weight_decay)
    clock = Clock(args.minutes, args.decay, args.warmup)
    step, minutes, cpu_hours, notes = 0, 0.0, 0.0, 0
    if args.resume:
        state = torch.load(args.resume, weights_only=True)
        net.load_state_dict(state["weights"])
        for optimiser, saved in zip(optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        sampler.load(state["sampler"])
        step, minutes, cpu_hours, notes = state["step"], state["minutes"], state["cpu_hours"], state["notes"]
        if state["finishing"]:
            clock.decay_from, clock.end, clock.finishing = *state["finishing"], True
    minutes_before, cpu_before = minutes, cpu_hours
    gradients = Gradients(net)
    if args.compile:
        compile_parts()
    stop = []  # signals received
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _: stop.append(number))
    lead = rank == 0

    def now() -> float:
        used = time.process_time() - cpu_started if args.clock == "cpu" else time.monotonic() - started
        return minutes_before + used / 60

    def log(**entry):
        entry = dict(step=step, minutes=round(minutes, 3), cpu_hours=round(cpu_hours, 4)) | entry
        with open(out / "log.jsonl", "a") as f:
            f.write(json.dumps(entry) + "\n")

    def save():
        state = dict(config=asdict(net.config), weights=net.state_dict(), sampler=sampler.state())
        state["optimisers"] = [optimiser.state_dict() for optimiser in optimisers]
        state |= dict(step=step, minutes=minutes, cpu_hours=cpu_hours, notes=notes)
        state["finishing"] = (clock.decay_from, clock.end) if clock.finishing else None
        torch.save(state, out / "checkpoint.pt.new")
        os.replace(out / "checkpoint.pt.new", out / "checkpoint.pt")
        export.save(net, out)

    def check(tokens):
        began = time.monotonic()
        result = validate(net, valid, tokens, args.tokens_per_step, args.bf16, rank, world)
        if lead:
            log(valid=result, seconds=round(time.monotonic() - began, 1))
            print(report(result), flush=True)
        return result

    if lead:
        print(f"{net.n_parameters():,} parameters, {world} process(es), {len(train.index):,} examples", flush=True)
    losses, done, next_save, next_check = [], (time.monotonic(), 0), minutes + args.save_every, minutes + args.validate_every
    while minutes < clock.end and step != args.max_steps:
        rate = args.lr * clock.rate(step, minutes)
        for group in (group for optimiser in optimisers for group in optimiser.param_groups):
            group["lr"] = rate
        gradients.all.zero_()
        n_tokens, nats, n_notes, n_read = 0, 0.0, 0, 0
        for _ in range(args.micro_batches):
            examples = sampler.next_examples()
            ids, bits = train.batch(examples)  # (B, T+1, S), (B, T+1)
            with torch.autocast("cpu", torch.bfloat16, enabled=args.bf16):
                loss = sum(y.sum() for y in net.nats(ids, data.slots_at(bits, ids.shape[2])))
            loss.backward()
            nats += loss.item()
            n_tokens += int((bits[:, 1:] & 15).count_nonzero())
            n_notes += int(train.index["n_notes"][examples].sum())
            n_read += int(train.index["n_tokens"][examples].sum())
        finish = 0.0
        if lead and (out / "finish").exists():
            finish = float((out / "finish").read_text().strip() or 10)
            (out / "finish").rename(out / "finish.taken")
        cpu = cpu_before / world + time.process_time() / 3600
        extra, norm = gradients.reduce(n_tokens, nats, now() / world, cpu, n_notes, len(stop), finish, clip=args.clip)
        for optimiser in optimisers:
            optimiser.step()
        step, minutes, cpu_hours, notes = step + 1, extra[2], extra[3], notes + int(extra[4])
        losses.append(extra[1] / max(extra[0], 1.0))
        if extra[6]:
            clock.finish(minutes, extra[6])
        done = (done[0], done[1] + n_read * world)
        if step % LOG_EVERY == 0 and lead:
            mean, speed = sum(losses[-LOG_EVERY:]) / len(losses[-LOG_EVERY:]), done[1] / (time.monotonic() - done[0])
            log(loss=round(mean, 4), lr=rate, norm=round(norm, 3), tokens_per_s=round(speed), notes=notes)
            print(f"step {step}  {minutes:.1f} min  loss {mean:.4f}  lr {rate:.2e}  norm {norm:.2f}  {speed:.0f} tokens/s  {notes:,} notes", flush=True)
            done = (time.monotonic(), 0)
        if minutes >= next_save and lead:
            save()
        if minutes >= next_save:
            next_save = minutes + args.save_every
        if args.validate_every and minutes >= next_check:
            check(args.valid_tokens)
            next_check, done = minutes + args.validate_every, (time.monotonic(), 0)
        if extra[5]:
            break
    if lead:
        save()
    result = None
    if minutes >= clock.end:
        result = check(None)
    return dict(step=step, losses=losses, valid=result, net=net)


if __name__ == "__main__":
    main()
    if dist.is_initialized():
        dist.destroy_process_group()
