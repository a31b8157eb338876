"""One case for each layer of the standard library, and for its settings."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from fixture import layer, random


def feed_forward():
    layer("linear", nn.Linear(5, 3), [random(2, 4, 5)])
    layer("linear_unbiased", nn.Linear(5, 3, bias=False), [random(4, 5)])
    layer("embedding", nn.Embedding(7, 3, padding_idx=2), [torch.tensor([[1, 2, 6], [1, 0, 2]])])


def convolutions():
    layer("conv1d", nn.Conv1d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2), [random(2, 4, 11)])
    layer("conv2d", nn.Conv2d(3, 4, 3, stride=2, padding=1), [random(2, 3, 8, 7)])
    layer("conv2d_uneven", nn.Conv2d(4, 6, (3, 2), (2, 1), (1, 0), (1, 2), groups=2, bias=False), [random(2, 4, 7, 8)])
    layer("conv2d_same", nn.Conv2d(2, 3, (3, 5), padding="same", dilation=2), [random(1, 2, 9, 10)])
    layer("conv3d", nn.Conv3d(2, 3, (2, 3, 3), stride=(1, 2, 1), padding=(0, 1, 1)), [random(1, 2, 4, 5, 6)])
    layer(
        "conv_transpose2d",
        nn.ConvTranspose2d(4, 6, (3, 2), stride=2, padding=1, output_padding=1, groups=2),
        [random(2, 4, 4, 3)],
    )
    layer("max_pool2d", nn.MaxPool2d((3, 2), stride=2, padding=1), [random(2, 2, 7, 8)])
    layer("avg_pool2d", nn.AvgPool2d(3, stride=2, padding=1), [random(2, 2, 7, 8)])
    layer("avg_pool2d_bare", nn.AvgPool2d(2, padding=1, count_include_pad=False), [random(2, 2, 6, 5)])
    layer("adaptive_avg_pool2d", nn.AdaptiveAvgPool2d((3, 2)), [random(2, 2, 7, 5)])


def norms():
    layer("batch_norm1d", nn.BatchNorm1d(3), [random(6, 3)])
    layer("batch_norm1d_sequence", nn.BatchNorm1d(3, eps=1e-3, momentum=0.3), [random(4, 3, 5)])
    layer("batch_norm2d", nn.BatchNorm2d(3), [random(4, 3, 2, 3)])
    layer("batch_norm2d_plain", nn.BatchNorm2d(3, affine=False), [random(4, 3, 2, 3)])
    layer("batch_norm2d_evaluating", nn.BatchNorm2d(3), [random(4, 3, 2, 3)], training=False)
    layer("layer_norm", nn.LayerNorm(6), [random(2, 3, 6)])
    layer("layer_norm_axes", nn.LayerNorm((3, 4)), [random(2, 3, 4)])
    layer("group_norm", nn.GroupNorm(2, 4), [random(2, 4, 3, 3)])
    layer("rms_norm", nn.RMSNorm(6, eps=1.1920929e-7), [random(2, 3, 6)])


def cells():
    layer("rnn_cell", nn.RNNCell(3, 4), [random(2, 3), random(2, 4)])
    layer("rnn_cell_relu", nn.RNNCell(3, 4, nonlinearity="relu", bias=False), [random(2, 3)])
    layer("lstm_cell", nn.LSTMCell(3, 4), [random(2, 3), random(2, 4), random(2, 4)], lambda m, x, h, c: m(x, (h, c)))
    layer("gru_cell", nn.GRUCell(3, 4), [random(2, 3), random(2, 4)])


def packed(module, x, lengths, *state):
    """Outputs padded again, and the states."""
    state = (state if len(state) > 1 else state[0]) if state else None
    sequence = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    y, last = module(sequence, state)
    y, _ = nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])
    return [y, *(last if isinstance(last, tuple) else (last,))]


def sequences():
    both = dict(num_layers=2, bidirectional=True, batch_first=True)
    lengths = torch.tensor([3, 5, 1])
    states = lambda: random(4, 3, 4)
    layer("rnn", nn.RNN(3, 4, **both), [random(3, 5, 3), states()])
    layer("rnn_relu", nn.RNN(3, 4, nonlinearity="relu", bias=False, batch_first=True), [random(2, 4, 3)])
    layer("gru", nn.GRU(3, 4, **both), [random(3, 5, 3), states()])
    layer("gru_lengths", nn.GRU(3, 4, **both), [random(3, 5, 3)], lambda m, x: packed(m, x, lengths), lengths=lengths)
    flat = lambda m, x, *state: (lambda y, last: [y, *last])(*m(x, state if state else None))
    layer("lstm", nn.LSTM(3, 4, **both), [random(3, 5, 3), states(), states()], flat)
    layer("lstm_plain", nn.LSTM(3, 4, batch_first=True), [random(2, 6, 3)], flat)
    layer(
        "lstm_lengths",
        nn.LSTM(3, 4, **both),
        [random(3, 5, 3), states(), states()],
        lambda m, x, h, c: packed(m, x, lengths, h, c),
        lengths=lengths,
    )


def rotated(x, base=10000.0):
    """Rotary positions as in Llama: a feature's partner is half of all features away."""
    steps, width = x.shape[-2:]
    speeds = base ** (-torch.arange(0, width, 2) / width)
    angles = torch.arange(steps)[:, None] * speeds
    c, s = torch.cat([angles.cos()] * 2, -1), torch.cat([angles.sin()] * 2, -1)
    turned = torch.cat([-x[..., width // 2 :], x[..., : width // 2]], -1)
    return x * c + turned * s


class GroupedAttention(nn.Module):
    """Heads that share keys and values, with rotary positions, under the names of nn.MultiheadAttention."""

    def __init__(self, width, heads, kv_heads):
        super().__init__()
        self.heads, self.kv_heads, self.each = heads, kv_heads, width // heads
        rows = width + 2 * kv_heads * self.each
        self.in_proj_weight = nn.Parameter(torch.empty(rows, width))
        self.in_proj_bias = nn.Parameter(torch.empty(rows))
        self.out_proj = nn.Linear(width, width)

    def forward(self, x):
        b, t, width = x.shape
        kept = self.kv_heads * self.each
        q, k, v = F.linear(x, self.in_proj_weight, self.in_proj_bias).split([width, kept, kept], -1)
        heads = lambda x: x.view(b, t, -1, self.each).transpose(1, 2)
        share = lambda x: x.repeat_interleave(self.heads // self.kv_heads, 1)
        q, k, v = rotated(heads(q)), share(rotated(heads(k))), share(heads(v))
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.each)
        scores = scores.masked_fill(torch.ones(t, t, dtype=torch.bool).triu(1), -torch.inf)
        return self.out_proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, width))


def attention():
    plain = lambda m, q, k, v, **more: m(q, k, v, need_weights=False, **more)[0]
    layer(
        "attention",
        nn.MultiheadAttention(8, 2, batch_first=True),
        [random(2, 5, 8)],
        lambda m, x: plain(m, x, x, x),
    )
    causal = torch.ones(5, 5, dtype=torch.bool).triu(1)
    layer(
        "attention_causal",
        nn.MultiheadAttention(8, 4, bias=False, batch_first=True),
        [random(2, 5, 8)],
        lambda m, x: [plain(m, x, x, x, attn_mask=causal)],
    )
    kept = torch.tensor([[True, True, True, False], [True, False, True, True]])
    layer(
        "attention_cross",
        nn.MultiheadAttention(8, 2, batch_first=True),
        [random(2, 3, 8), random(2, 4, 8), random(2, 4, 8)],
        lambda m, q, k, v: [plain(m, q, k, v, key_padding_mask=~kept)],
        kept=kept,
    )
    layer("attention_grouped", GroupedAttention(16, 4, 2), [random(2, 5, 16)])


def transformers():
    small = dict(d_model=8, nhead=2, dim_feedforward=12, dropout=0.0, batch_first=True)
    causal = lambda n: torch.ones(n, n, dtype=torch.bool).triu(1)
    layer("encoder_layer", nn.TransformerEncoderLayer(**small), [random(2, 4, 8)])
    layer(
        "encoder_layer_norm_first",
        nn.TransformerEncoderLayer(**small, activation="gelu", norm_first=True, layer_norm_eps=1e-3),
        [random(2, 4, 8)],
        lambda m, x: m(x, src_mask=causal(4)),
    )
    layer("encoder_layer_unbiased", nn.TransformerEncoderLayer(**small, bias=False), [random(2, 4, 8)])
    decode = lambda m, x, memory: m(x, memory, tgt_mask=causal(3))
    layer("decoder_layer", nn.TransformerDecoderLayer(**small), [random(2, 3, 8), random(2, 4, 8)], decode)
    layer(
        "decoder_layer_norm_first",
        nn.TransformerDecoderLayer(**small, norm_first=True, activation="gelu"),
        [random(2, 3, 8), random(2, 4, 8)],
        decode,
    )
    layer(
        "encoder",
        nn.TransformerEncoder(nn.TransformerEncoderLayer(**small), 2, nn.LayerNorm(8), enable_nested_tensor=False),
        [random(2, 4, 8)],
    )
    layer(
        "decoder",
        nn.TransformerDecoder(nn.TransformerDecoderLayer(**small), 2, nn.LayerNorm(8)),
        [random(2, 3, 8), random(2, 4, 8)],
        decode,
    )
    layer("positions", Positions(), [random(2, 5, 6)])
    layer("rotary", Rotary(), [random(2, 3, 5, 8)])


class Positions(nn.Module):
    """Vaswani et al., 2017, section 3.5."""

    def forward(self, x):
        steps, width = x.shape[-2:]
        angles = torch.arange(steps)[:, None] / 10000.0 ** (torch.arange(0, width, 2) / width)
        return x + torch.stack([angles.sin(), angles.cos()], -1).reshape(steps, width)


class Rotary(nn.Module):
    def forward(self, x):
        return rotated(x)


def make():
    for group in (feed_forward, convolutions, norms, cells, sequences, attention, transformers):
        group()
