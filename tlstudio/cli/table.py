"""The commands of the terminal: what each is called, what it does, and which file holds it."""

import msgspec


class CommandSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A row. The module has `add_arguments(parser)` and `run(arguments, terminal) -> int`, the exit code."""

    name: str
    sentence: str
    module: str


COMMANDS: dict[str, CommandSpec] = {
    spec.name: spec
    for spec in (
        CommandSpec(name="new", sentence="Make a new, empty project.", module="tlstudio.cli.new"),
        CommandSpec(name="import", sentence="Take a folder of images into a project.", module="tlstudio.cli.importing"),
        CommandSpec(
            name="brightness",
            sentence="Show or choose how images deeper than 8 bits become black and white.",
            module="tlstudio.cli.brightness",
        ),
        CommandSpec(name="groups", sentence="Say which images belong together, such as those of one slide.", module="tlstudio.cli.groups"),
        CommandSpec(name="train", sentence="Train on a project's images, or continue a run.", module="tlstudio.cli.train"),
        CommandSpec(name="queue", sentence="List the runs that wait for their turn, or train them.", module="tlstudio.cli.queue"),
        CommandSpec(
            name="cluster-command",
            sentence="Print the command by which several machines train one run together on a shared folder.",
            module="tlstudio.cli.cluster_command",
        ),
        CommandSpec(
            name="sweep",
            sentence="Train with several values of a few settings, and say which were best; or list such sweeps.",
            module="tlstudio.cli.trials",
        ),
        CommandSpec(name="evaluate", sentence="Judge a run on images it has not learned from.", module="tlstudio.cli.evaluate"),
        CommandSpec(
            name="crossvalidate",
            sentence="Say what can be expected of a network on these images, without a look at the test set.",
            module="tlstudio.cli.crossvalidate",
        ),
        CommandSpec(
            name="rank",
            sentence="Rank the networks on this computer by how well they see the classes of these images; nothing is trained.",
            module="tlstudio.cli.rank",
        ),
        CommandSpec(
            name="find-rate",
            sentence="Find a learning rate for a recipe by a short training that is thrown away.",
            module="tlstudio.cli.find_rate",
        ),
        CommandSpec(name="predict", sentence="Predict a folder of images into a table.", module="tlstudio.cli.predict"),
        CommandSpec(name="export", sentence="Write a run's model to a file for other programs.", module="tlstudio.cli.export"),
        CommandSpec(name="labels", sentence="Write the images' labels to a table or to class folders.", module="tlstudio.cli.labels"),
        CommandSpec(name="crops", sentence="Make a new project of what is marked in the images.", module="tlstudio.cli.crops"),
        CommandSpec(name="runs", sentence="List a project's runs; watch, pause, stop or discard one.", module="tlstudio.cli.runs"),
        CommandSpec(name="weights", sentence="List, import, pack or install sets of pretrained weights.", module="tlstudio.cli.weights"),
        CommandSpec(name="archive", sentence="Pack a whole project into one file.", module="tlstudio.cli.archive"),
        CommandSpec(name="unarchive", sentence="Take a project out of such a file, verified.", module="tlstudio.cli.unarchive"),
        CommandSpec(name="check", sentence="Look whether everything in a project is whole.", module="tlstudio.cli.check"),
        CommandSpec(name="settings", sentence="Show or change what holds for the whole program.", module="tlstudio.cli.settings"),
        CommandSpec(name="doctor", sentence="Say what this computer and this installation offer.", module="tlstudio.cli.doctor"),
        CommandSpec(name="probe", sentence="Measure how fast this computer and its networks are.", module="tlstudio.cli.probe"),
        CommandSpec(name="demo", sentence="Go the whole way once with the sample images.", module="tlstudio.cli.demo"),
    )
}
