"""Prometheus' text format: gauges with their HELP and TYPE, labels escaped."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number that goes up and down, once for each set of labels. The name ends with its base unit."""

    name: str
    help: str
    samples: Sequence[tuple[Labels, float]]


def rendered(gauges: Iterable[Gauge]) -> str:
    """The gauges as text; one without a sample is left out."""
    lines: list[str] = []
    for one in gauges:
        if not one.samples:
            continue
        told = one.help.replace("\\", "\\\\").replace("\n", "\\n")
        lines += [f"# HELP {one.name} {told}", f"# TYPE {one.name} gauge"]
        lines += [f"{one.name}{_labels(labels)} {_number(value)}" for labels, value in one.samples]
    return "\n".join([*lines, ""])


def _labels(labels: Labels) -> str:
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{told}}}" if told else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
