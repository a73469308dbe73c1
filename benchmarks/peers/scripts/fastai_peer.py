"""fastai: `vision_learner` on a network of timm, frozen (`fit_one_cycle`), by `freeze_to`, or `fine_tune`, which is its own recipe."""

import warnings

import parts
import torch
from fastai.vision import all as fastai

warnings.filterwarnings("ignore")
task = parts.read_task()
blocks = fastai.DataBlock(
    blocks=(fastai.ImageBlock, fastai.CategoryBlock),
    get_items=fastai.get_image_files,
    splitter=fastai.GrandparentSplitter(train_name="train", valid_name="val"),
    get_y=fastai.parent_label,
    item_tfms=fastai.Resize(round(task.size_px * 1.15)),
    batch_tfms=[*fastai.aug_transforms(size=task.size_px, min_scale=0.5), fastai.Normalize.from_stats(task.mean, task.std)],
)
data = blocks.dataloaders(task.folder, bs=task.setting.batch_size, num_workers=task.setting.workers, device=torch.device("cpu"))
learner = fastai.vision_learner(data, task.network, pretrained=False, normalize=False, metrics=fastai.accuracy, **vars(task.arguments))
parts.load_weights(task, learner.model[0].model)
if task.setting.channels_last:
    learner.model.to(memory_format=torch.channels_last)
counted = {"images": 0}


class Count(fastai.Callback):
    """Counts what is trained on, and casts where the setting asks for it."""

    def before_batch(self) -> None:
        if self.training:
            counted["images"] += len(self.yb[0])


learner.add_cb(Count())
if task.setting.bf16:
    learner.to_bf16()
with learner.no_bar(), learner.no_logging():
    if task.trains == "head":
        learner.freeze()
        learner.fit_one_cycle(task.epochs, 1e-3)
    elif task.trains == "last":
        learner.freeze_to(-2)
        learner.fit_one_cycle(task.epochs, 1e-3)
    else:
        learner.fine_tune(task.epochs)
    spent = parts.spent()
    held_out = learner.dls.test_dl(fastai.get_image_files(f"{task.folder}/test"), with_labels=True)
    predictions, targets = learner.get_preds(dl=held_out)
parts.answer(spent=spent, num_images=counted["images"], accuracy=float((predictions.argmax(1) == targets).float().mean()))
