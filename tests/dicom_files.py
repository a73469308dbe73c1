"""Small DICOM files, made with pydicom; no file of any patient."""

import io
import warnings

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, generate_uid


def dicom(
    values: npt.NDArray[np.generic] | None,
    *,
    frame: bytes | None = None,
    syntax: str = ExplicitVRLittleEndian,
    sop_class: str = CTImageStorage,
    bits: int | None = None,
    **tags: object,
) -> bytes:
    """A file of `values` [H, W] or [H, W, 3], or [F, H, W] with NumberOfFrames given; `frame`: the compressed first frame."""
    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = UID(syntax)
    header.file_meta.MediaStorageSOPClassUID = header.SOPClassUID = UID(sop_class)
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID = generate_uid(entropy_srcs=["test"])
    if values is not None:
        _describe(header, values, bits, is_frames="NumberOfFrames" in tags and values.ndim == 3)
        data = encapsulate([frame]) if frame is not None else values.tobytes()
        header.PixelData = data + b"\0" * (len(data) % 2)
        header["PixelData"].VR = "OW" if values.dtype.itemsize > 1 and frame is None else "OB"
        header["PixelData"].is_undefined_length = frame is not None
    for name, value in tags.items():
        setattr(header, name, value)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        header.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def _describe(header: Dataset, values: npt.NDArray[np.generic], bits: int | None, *, is_frames: bool) -> None:
    shape = values.shape[1:] if is_frames else values.shape
    header.Rows, header.Columns = shape[:2]
    header.SamplesPerPixel = shape[2] if len(shape) == 3 else 1
    header.PhotometricInterpretation = "RGB" if header.SamplesPerPixel == 3 else "MONOCHROME2"
    if header.SamplesPerPixel == 3:
        header.PlanarConfiguration = 0
    header.BitsAllocated = values.dtype.itemsize * 8
    header.BitsStored = bits or header.BitsAllocated
    header.HighBit = header.BitsStored - 1
    header.PixelRepresentation = int(values.dtype.kind == "i")
