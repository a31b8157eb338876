"""Small networks under the names that Llama, GPT-2 and BERT have at Hugging Face, and ResNet in torchvision."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from fixture import layer, random
from layers import rotated


class Bag(nn.Module):
    """Modules under any names, as far as dots go deep."""

    def __init__(bag, /, **modules):
        super(Bag, bag).__init__()
        for name, module in modules.items():
            bag.add_module(name, module)


def attend(q, k, v, heads, kv_heads=None, causal=False):
    """Scaled products of `[batch, time, width]`."""
    split = lambda x, n: x.view(*x.shape[:2], n, -1).transpose(1, 2)
    share = heads // (kv_heads or heads)
    q, k, v = split(q, heads), split(k, kv_heads or heads), split(v, kv_heads or heads)
    if kv_heads:
        q, k = rotated(q), rotated(k)
    k, v = k.repeat_interleave(share, 1), v.repeat_interleave(share, 1)
    return F.scaled_dot_product_attention(q, k, v, is_causal=causal).transpose(1, 2).flatten(2)


class Llama(nn.Module):
    def __init__(self, vocabulary, width, heads, kv_heads, hidden, depth):
        super().__init__()
        self.heads, self.kv_heads = heads, kv_heads
        line = lambda i, o: nn.Linear(i, o, bias=False)
        norm = lambda: nn.RMSNorm(width, eps=1e-5)
        kept = width // heads * kv_heads
        self.model = Bag(
            embed_tokens=nn.Embedding(vocabulary, width),
            layers=nn.ModuleList(
                Bag(
                    input_layernorm=norm(),
                    self_attn=Bag(
                        q_proj=line(width, width), k_proj=line(width, kept), v_proj=line(width, kept),
                        o_proj=line(width, width)),
                    post_attention_layernorm=norm(),
                    mlp=Bag(gate_proj=line(width, hidden), up_proj=line(width, hidden), down_proj=line(hidden, width)),
                )
                for _ in range(depth)
            ),
            norm=norm(),
        )  # fmt: skip
        self.lm_head = line(width, vocabulary)

    def forward(self, ids):
        x = self.model.embed_tokens(ids)
        for block in self.model.layers:
            a, y, m = block.self_attn, block.input_layernorm(x), block.mlp
            x = x + a.o_proj(attend(a.q_proj(y), a.k_proj(y), a.v_proj(y), self.heads, self.kv_heads, causal=True))
            y = block.post_attention_layernorm(x)
            x = x + m.down_proj(F.silu(m.gate_proj(y)) * m.up_proj(y))
        return self.lm_head(self.model.norm(x))


class GPT2(nn.Module):
    """The head has no weight of its own: it is the embedding's."""

    def __init__(self, vocabulary, places, width, heads, depth):
        super().__init__()
        self.heads = heads
        self.transformer = Bag(
            wte=nn.Embedding(vocabulary, width),
            wpe=nn.Embedding(places, width),
            h=nn.ModuleList(
                Bag(
                    ln_1=nn.LayerNorm(width),
                    attn=Bag(c_attn=nn.Linear(width, 3 * width), c_proj=nn.Linear(width, width)),
                    ln_2=nn.LayerNorm(width),
                    mlp=Bag(c_fc=nn.Linear(width, 4 * width), c_proj=nn.Linear(4 * width, width)),
                )
                for _ in range(depth)
            ),
            ln_f=nn.LayerNorm(width),
        )

    def forward(self, ids):
        t = self.transformer
        x = t.wte(ids) + t.wpe(torch.arange(ids.shape[1]))
        for block in t.h:
            q, k, v = block.attn.c_attn(block.ln_1(x)).chunk(3, -1)
            x = x + block.attn.c_proj(attend(q, k, v, self.heads, causal=True))
            x = x + block.mlp.c_proj(F.gelu(block.mlp.c_fc(block.ln_2(x)), approximate="tanh"))
        return t.ln_f(x) @ t.wte.weight.T


class BERT(nn.Module):
    def __init__(self, vocabulary, places, width, heads, hidden, depth):
        super().__init__()
        self.heads = heads
        norm = lambda: nn.LayerNorm(width, eps=1e-12)
        self.embeddings = Bag(
            word_embeddings=nn.Embedding(vocabulary, width),
            position_embeddings=nn.Embedding(places, width),
            token_type_embeddings=nn.Embedding(2, width),
            LayerNorm=norm(),
        )
        self.encoder = Bag(
            layer=nn.ModuleList(
                Bag(
                    attention=Bag(
                        self=Bag(**{name: nn.Linear(width, width) for name in ("query", "key", "value")}),
                        output=Bag(dense=nn.Linear(width, width), LayerNorm=norm()),
                    ),
                    intermediate=Bag(dense=nn.Linear(width, hidden)),
                    output=Bag(dense=nn.Linear(hidden, width), LayerNorm=norm()),
                )
                for _ in range(depth)
            )
        )
        self.pooler = Bag(dense=nn.Linear(width, width))

    def forward(self, ids, types, kept):
        e = self.embeddings
        x = e.word_embeddings(ids) + e.position_embeddings(torch.arange(ids.shape[1])) + e.token_type_embeddings(types)
        x = e.LayerNorm(x)
        split = lambda x: x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)
        for block in self.encoder.layer:
            a = getattr(block.attention, "self")
            y = F.scaled_dot_product_attention(
                split(a.query(x)), split(a.key(x)), split(a.value(x)), attn_mask=kept[:, None, None]
            )
            out = block.attention.output
            x = out.LayerNorm(x + out.dense(y.transpose(1, 2).flatten(2)))
            x = block.output.LayerNorm(x + block.output.dense(F.gelu(block.intermediate.dense(x))))
        return x, self.pooler.dense(x[:, 0]).tanh()


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (y + (x if self.downsample is None else self.downsample(x))).relu()


class ResNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.layer1 = nn.Sequential(Block(8, 8, 1), Block(8, 8, 1))
        self.layer2 = nn.Sequential(Block(8, 16, 2), Block(16, 16, 1))
        self.fc = nn.Linear(16, classes)

    def forward(self, x):
        x = F.max_pool2d(self.bn1(self.conv1(x)).relu(), 3, 2, 1)
        return self.fc(F.adaptive_avg_pool2d(self.layer2(self.layer1(x)), 1).flatten(1))


def make():
    ids = torch.randint(0, 29, (2, 7))
    layer("llama", Llama(29, 16, 4, 2, 24, 2), [ids])
    layer("gpt2", GPT2(29, 12, 16, 4, 2), [ids])
    types, kept = (torch.arange(7) > 3).long().expand(2, 7), torch.arange(7) < torch.tensor([[7], [5]])
    layer("bert", BERT(29, 12, 16, 4, 24, 2), [ids], lambda m, x: m(x, types, kept), types=types, kept=kept)
    layer("resnet", ResNet(10), [random(2, 3, 12, 12)], training=False)
    layer("resnet_training", ResNet(10), [random(4, 3, 12, 12)])
