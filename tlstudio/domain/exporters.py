"""The table of exporters: one file each in engine/export."""

import msgspec

from tlstudio.messages import Message, message


class ExporterSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A row: what people see, and the module in engine/export that satisfies engine.export_job.Exporter."""

    id: str
    title: Message
    sentence: Message
    suffix: str
    exporter: str


EXPORTERS: dict[str, ExporterSpec] = {
    spec.id: spec
    for spec in (
        ExporterSpec(
            id="onnx",
            title=message("export.onnx", "ONNX"),
            sentence=message("export.onnx.sentence", "Runs anywhere with ONNX Runtime"),
            suffix=".onnx",
            exporter="tlstudio.engine.export.onnx",
        ),
    )
}
