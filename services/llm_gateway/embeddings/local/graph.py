"""The ONNX graph of all-MiniLM-L6-v2: BERT with 6 layers, mean pooling, vectors of length 1.

Used when Nova is set up, never while it runs: it needs the package `onnx`. The weights are not
copied: the graph names their places in the safetensors file, from which the runtime maps them.
Architecture: Devlin et al., BERT (2019), and Reimers and Gurevych, Sentence-BERT (2019).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, StringStringEntryProto, TensorProto, helper, numpy_helper

from services.llm_gateway.embeddings.local.weights import StoredTensor

_LAYERS = 6
_HEADS = 12
_DIMENSIONS = 384
_OPSET = 18
_IR_VERSION = 9
# BERT's own; a layer norm with another gives other vectors.
_EPSILON = 1e-12
_MASKED = -10_000.0
_FLOAT = int(TensorProto.FLOAT)
_INT64 = int(TensorProto.INT64)


class _Graph:
    """Nodes and constants in the order in which they are added; a value is known by its name."""

    def __init__(self, weights: Mapping[str, StoredTensor], location: str) -> None:
        self._weights = weights
        self._location = location
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, values: "np.ndarray[Any, Any]") -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def weight(self, name: str) -> str:
        stored = self._weights[name]
        place = {"location": self._location, "offset": stored.offset, "length": stored.length}
        self.constants.append(
            TensorProto(
                name=name,
                data_type=_FLOAT,
                dims=stored.shape,
                data_location=TensorProto.EXTERNAL,
                external_data=[
                    StringStringEntryProto(key=key, value=str(value))
                    for key, value in place.items()
                ],
            )
        )
        return name

    def numbers(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64))

    def scalar(self, value: float) -> str:
        return self.constant(np.array(value, np.float32))

    def add(self, kind: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        name = output or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def linear(self, value: str, prefix: str) -> str:
        # Stored as outputs by inputs; the runtime turns it once, when it loads the graph.
        turned = self.add("Transpose", [self.weight(f"{prefix}.weight")], perm=[1, 0])
        product = self.add("MatMul", [value, turned])
        return self.add("Add", [product, self.weight(f"{prefix}.bias")])

    def normal(self, value: str, prefix: str) -> str:
        inputs = [value, self.weight(f"{prefix}.weight"), self.weight(f"{prefix}.bias")]
        return self.add("LayerNormalization", inputs, axis=-1, epsilon=_EPSILON)


def build_graph(weights: Mapping[str, StoredTensor], *, location: str) -> ModelProto:
    """`input_ids` and `attention_mask` (batch by tokens) to `embedding` (batch by 384).

    `location`: the safetensors file's name, beside the graph's own file.
    """
    graph = _Graph(weights, location)
    mask = graph.add("Cast", ["attention_mask"], to=_FLOAT)
    hidden = _embedded(graph)
    missing = graph.add(
        "Sub", [graph.scalar(1.0), graph.add("Unsqueeze", [mask, graph.numbers(1, 2)])]
    )
    bias = graph.add("Mul", [missing, graph.scalar(_MASKED)])
    for layer in range(_LAYERS):
        hidden = _layer(graph, hidden, bias, f"encoder.layer.{layer}")
    _pooled(graph, hidden, mask)
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "all-minilm-l6-v2",
            [
                helper.make_tensor_value_info(name, _INT64, ["batch", "tokens"])
                for name in ("input_ids", "attention_mask")
            ],
            [helper.make_tensor_value_info("embedding", _FLOAT, ["batch", _DIMENSIONS])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
    )
    made.ir_version = _IR_VERSION
    return made


def _embedded(graph: _Graph) -> str:
    words = graph.add("Gather", [graph.weight("embeddings.word_embeddings.weight"), "input_ids"])
    shape = graph.add("Shape", ["input_ids"])
    length = graph.add("Gather", [shape, graph.numbers(1)], axis=0)
    zero = graph.numbers(0)
    places = graph.weight("embeddings.position_embeddings.weight")
    positions = graph.add("Slice", [places, zero, length, zero])
    # All tokens are of the first segment.
    segments = graph.weight("embeddings.token_type_embeddings.weight")
    segment = graph.add("Gather", [segments, zero], axis=0)
    placed = graph.add("Add", [positions, segment])
    return graph.normal(graph.add("Add", [words, placed]), "embeddings.LayerNorm")


def _layer(graph: _Graph, hidden: str, bias: str, prefix: str) -> str:
    attended = _attention(graph, hidden, bias, f"{prefix}.attention.self")
    attended = graph.linear(attended, f"{prefix}.attention.output.dense")
    hidden = graph.normal(
        graph.add("Add", [attended, hidden]), f"{prefix}.attention.output.LayerNorm"
    )
    inner = _gelu(graph, graph.linear(hidden, f"{prefix}.intermediate.dense"))
    inner = graph.linear(inner, f"{prefix}.output.dense")
    return graph.normal(graph.add("Add", [inner, hidden]), f"{prefix}.output.LayerNorm")


def _attention(graph: _Graph, hidden: str, bias: str, prefix: str) -> str:
    split = graph.numbers(0, 0, _HEADS, _DIMENSIONS // _HEADS)

    def heads(name: str, order: list[int]) -> str:
        projected = graph.linear(hidden, f"{prefix}.{name}")
        return graph.add("Transpose", [graph.add("Reshape", [projected, split])], perm=order)

    query, value = heads("query", [0, 2, 1, 3]), heads("value", [0, 2, 1, 3])
    key = heads("key", [0, 2, 3, 1])
    scale = graph.scalar(math.sqrt(_DIMENSIONS // _HEADS))
    scores = graph.add("Div", [graph.add("MatMul", [query, key]), scale])
    shares = graph.add("Softmax", [graph.add("Add", [scores, bias])], axis=-1)
    mixed = graph.add("Transpose", [graph.add("MatMul", [shares, value])], perm=[0, 2, 1, 3])
    return graph.add("Reshape", [mixed, graph.numbers(0, 0, _DIMENSIONS)])


def _gelu(graph: _Graph, value: str) -> str:
    scaled = graph.add("Div", [value, graph.scalar(math.sqrt(2))])
    grown = graph.add("Add", [graph.add("Erf", [scaled]), graph.scalar(1.0)])
    return graph.add("Mul", [graph.add("Mul", [value, grown]), graph.scalar(0.5)])


def _pooled(graph: _Graph, hidden: str, mask: str) -> None:
    """The mean over the tokens that are there, scaled to length 1."""
    weights = graph.add("Unsqueeze", [mask, graph.numbers(2)])
    axis = graph.numbers(1)
    total = graph.add("ReduceSum", [graph.add("Mul", [hidden, weights]), axis], keepdims=0)
    count = graph.add("ReduceSum", [weights, axis], keepdims=0)
    mean = graph.add("Div", [total, graph.add("Max", [count, graph.scalar(1e-9)])])
    length = graph.add("ReduceL2", [mean, axis], keepdims=1)
    graph.add("Div", [mean, graph.add("Max", [length, graph.scalar(1e-12)])], output="embedding")
