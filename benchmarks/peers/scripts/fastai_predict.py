"""fastai's `get_preds` on a folder, as its tutorial has it."""

import warnings

import parts
import torch
from fastai.vision import all as fastai

warnings.filterwarnings("ignore")
task = parts.read_task()
data = fastai.ImageDataLoaders.from_folder(
    task.folder,
    train="train",
    valid="val",
    item_tfms=fastai.Resize(task.size_px),
    bs=task.setting.batch_size,
    num_workers=task.setting.workers,
    device=torch.device("cpu"),
)
learner = fastai.vision_learner(data, task.network, pretrained=False, normalize=False, **vars(task.arguments))
files = fastai.get_image_files(f"{task.folder}/test")
parts.begin()
with learner.no_bar():
    learner.get_preds(dl=learner.dls.test_dl(files))
parts.answer(spent=parts.spent(), num_images=len(files), accuracy=float("nan"))
