"""The commands by name and section, as the help lists them."""

from typing import Final

SECTIONS: Final = {
    "Begin": {
        "init": "Look at labelled images and write a config for them",
        "demo-data": "Write the demo's real images and a config for them",
        "validate": "Check a config: typing mistakes, wrong values, what is missing",
        "explain": "Say what an error, a finding or an exit code means",
    },
    "Your data": {
        "audit": "Find leaks, duplicates, bad boxes and gaps before you pay",
        "lint": "Find what makes an import or a training fail, line by line",
        "convert": "Convert between the formats of labelled images",
        "split": "Draw train, test and holdout; groups stay together",
        "augment": "Add training images where the audit found gaps",
        "power": "Say how much a holdout of some size can tell",
    },
    "Train and judge": {
        "doctor": "Check credentials, permissions, bucket, quotas, watchdog",
        "plan": "Say what a run would reuse, make, call and cost",
        "run": "From images to a judged model, and stop what runs",
        "report": "Render a finished run's report again",
        "evaluate": "Judge a finished run's answers again, for free",
        "compare": "Say which of two runs is better, and on which images",
        "runs": "Show each project's history, and what it cost",
    },
    "Production": {
        "predict": "Run images through a model, and stop it",
        "start": "Keep a model running until a set end",
        "retrain": "Train when the policy says so, promote what is not worse",
        "promote": "Let a run's model become the champion",
        "rollback": "Let the champion before take the place again",
        "copy": "Bring a model to another project, account or region",
        "export": "Write what puts a config on a schedule",
    },
    "Nothing left running": {
        "status": "Show runs, spending, and every model that runs",
        "stop": "Stop a model, and confirm that it has stopped",
        "reap": "Stop every model whose time is over; for cron",
        "gc": "Remove what a run has made, on AWS and here",
    },
    "Test without AWS": {
        "emulate": "Serve emulated Custom Labels and S3 on 127.0.0.1",
    },
}
"""The commands in the order of the help, each with what it does, for the list of all."""

DOES: Final = {name: does for section in SECTIONS.values() for name, does in section.items()}
"""What each command does, in few words."""

COMMANDS: Final = tuple(DOES)
"""Each is a function of its name in a module of its name."""
