"""A plain PyTorch loop, as torchvision's transfer-learning tutorial writes it; tuned by its setting."""

import parts
import torch
from torch import nn

task = parts.read_task()
batches = parts.loader(task, "train", training=True)
model = parts.network(task, len(batches.dataset.classes))
parts.freeze(task, model)
trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
tuned = task.setting.tier == "T"
if tuned:
    optimizer: torch.optim.Optimizer = torch.optim.AdamW(trained, lr=1e-3 if task.trains == "head" else 3e-4, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=[g["lr"] for g in optimizer.param_groups], total_steps=task.epochs * len(batches)
    )
else:
    optimizer = torch.optim.SGD(trained, lr=1e-3, momentum=0.9)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=7 * len(batches), gamma=0.1)
loss_of = nn.CrossEntropyLoss()
num_images = 0
for _epoch in range(task.epochs):
    # The tutorial leaves batch norms in training mode; tuned, what is frozen stays as it was trained.
    model.train(not (tuned and task.trains != "all"))
    for images, targets in batches:
        optimizer.zero_grad(set_to_none=True)
        with parts.autocast(task):
            loss = loss_of(model(parts.laid_out(task, images)), targets)
        loss.backward()
        optimizer.step()
        schedule.step()
        num_images += len(targets)
    parts.accuracy(task, model, "val")
spent = parts.spent()
parts.answer(spent=spent, num_images=num_images, accuracy=parts.accuracy(task, model, "test"))
