"""Lightning: a module of its tutorial's kind, with a frozen or an open backbone."""

import logging
import warnings

import lightning
import parts
import torch
from torch import nn

warnings.filterwarnings("ignore")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)


class Classifier(lightning.LightningModule):
    """A network and its loss."""

    def __init__(self, model: nn.Module, *, keep_statistics: bool) -> None:
        super().__init__()
        self.model, self.keep_statistics = model, keep_statistics
        self.num_images = 0

    def training_step(self, batch: tuple[torch.Tensor, torch.Tensor], _index: int) -> torch.Tensor:
        if self.keep_statistics:
            self.model.eval()
        images, targets = batch
        self.num_images += len(targets)
        return nn.functional.cross_entropy(self.model(parts.laid_out(task, images)), targets)

    def validation_step(self, batch: tuple[torch.Tensor, torch.Tensor], _index: int) -> None:
        images, targets = batch
        self.log("accuracy", (self.model(parts.laid_out(task, images)).argmax(1) == targets).float().mean())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        trained = [parameter for parameter in self.parameters() if parameter.requires_grad]
        return torch.optim.AdamW(trained, lr=1e-3 if task.trains == "head" else 3e-4)


task = parts.read_task()
train, val = parts.loader(task, "train", training=True), parts.loader(task, "val", training=False)
network = parts.network(task, len(train.dataset.classes))
parts.freeze(task, network)
module = Classifier(network, keep_statistics=task.setting.tier == "T" and task.trains != "all")
trainer = lightning.Trainer(
    max_epochs=task.epochs,
    accelerator="cpu",
    precision="bf16-mixed" if task.setting.bf16 else "32-true",
    logger=False,
    enable_checkpointing=False,
    enable_progress_bar=False,
    enable_model_summary=False,
    num_sanity_val_steps=0,
)
trainer.fit(module, train, val)
spent = parts.spent()
parts.answer(spent=spent, num_images=module.num_images, accuracy=parts.accuracy(task, network, "test"))
