"""timm's recipe, composed from its own parts as its train.py does: dataset, loader, optimizer, schedule."""

import parts
import torch
from timm.data import create_dataset, create_loader
from timm.optim import create_optimizer_v2
from timm.scheduler import create_scheduler_v2
from torch import nn

task = parts.read_task()
setting = task.setting


def batches(split: str, *, training: bool) -> object:
    """One split through timm's own loader, on the processor."""
    data = create_dataset("", root=f"{task.folder}/{split}", is_training=training)
    options = {"scale": (0.5, 1.0), "hflip": 0.5, "color_jitter": None} if training else {"crop_pct": 0.875}
    return create_loader(
        data,
        input_size=(3, task.size_px, task.size_px),
        batch_size=setting.batch_size,
        is_training=training,
        use_prefetcher=False,
        mean=tuple(task.mean),
        std=tuple(task.std),
        num_workers=setting.workers,
        persistent_workers=setting.workers > 0,
        device=torch.device("cpu"),
        **options,
    )


train = batches("train", training=True)
model = parts.network(task, len(train.dataset.reader.class_to_idx))
parts.freeze(task, model)
optimizer = create_optimizer_v2(model, opt="adamw", lr=5e-4, weight_decay=0.05, layer_decay=0.75 if setting.tier == "T" else None)
schedule, _num_epochs = create_scheduler_v2(
    optimizer, sched="cosine", num_epochs=task.epochs, warmup_epochs=1, warmup_lr=1e-5, step_on_epochs=False, updates_per_epoch=len(train)
)
loss_of = nn.CrossEntropyLoss(label_smoothing=0.1)
num_images = num_updates = 0
for epoch in range(task.epochs):
    model.train()
    for images, targets in train:
        optimizer.zero_grad(set_to_none=True)
        with parts.autocast(task):
            loss = loss_of(model(parts.laid_out(task, images)), targets)
        loss.backward()
        optimizer.step()
        num_updates += 1
        schedule.step_update(num_updates)
        num_images += len(targets)
    schedule.step(epoch + 1)
    parts.accuracy(task, model, "val")
spent = parts.spent()
parts.answer(spent=spent, num_images=num_images, accuracy=parts.accuracy(task, model, "test"))
