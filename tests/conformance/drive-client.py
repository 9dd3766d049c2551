"""Drives every method of the hosted product's own client. argv: what to do; stdin: arguments; stdout: what came back."""

import dataclasses
import json
import sys

from stablebrowse import Stablebrowse, StablebrowseError, TaskFailed, TaskTimeout

given = json.load(sys.stdin)
client = Stablebrowse(**given.get("client", {}))  # else all from the environment


def plain(value):
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) else value


def methods():
    """Every public method of the client and its parts, by the path that a caller writes."""
    parts = {
        "": client,
        "tasks.": client.tasks,
        "sessions.": client.sessions,
        "design.": client.design,
        "end_users().credentials.": client.end_users("alice").credentials,
    }
    return sorted(
        prefix + name
        for prefix, part in parts.items()
        for name in dir(part)
        if not name.startswith("_") and callable(getattr(part, name))
    )


def call(path, arguments):
    part = client
    for name in path.split("."):
        part = part.end_users(given["end_user_id"]) if name == "end_users()" else getattr(part, name)
    return part(**arguments)


def outcome(path, arguments):
    try:
        return {"value": plain(call(path, arguments))}
    except NotImplementedError:
        return {"error": "NotImplementedError"}
    except (TaskFailed, TaskTimeout) as error:
        return {"error": type(error).__name__, "message": str(error), "task": plain(error.task)}
    except StablebrowseError as error:
        return {"error": "StablebrowseError", "message": str(error), "status": error.status_code, "body": error.body}


with client:
    if sys.argv[1] == "methods":
        answer = methods()
    else:
        answer = [outcome(path, arguments) for path, arguments in given["calls"]]
print(json.dumps(answer))
