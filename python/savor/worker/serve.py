"""The worker's life: load the model, say so, then answer one request after the other until savor is gone."""

import os
import sys
import traceback

from savor_worker import answer, channel, home, parent

RAISED, MLFLOW, UNENCODABLE = 0, 1, 2


def describe(error):
    """(kind, code, message) of an exception, as the scoring server tells them apart."""
    if isinstance(error, answer.Unencodable):
        return UNENCODABLE, "", str(error)
    module = sys.modules.get("mlflow.exceptions")
    if module is not None and isinstance(error, module.MlflowException):
        return MLFLOW, str(error.error_code), str(error.message)
    return RAISED, "", str(error) or type(error).__name__


def shown_traceback():
    return traceback.format_exc() if os.environ.get("SAVOR_TRACEBACK") == "1" else ""


def report(error):
    """The pieces of an ERROR; what went wrong also goes to the log."""
    kind, code, message = describe(error)
    traceback.print_exc()
    return answer.write_error(kind, code, message, shown_traceback())


def answer_request(model, body, era):
    from savor_worker.request import Damaged, read_request

    try:
        data, params = read_request(body)
        return channel.ANSWER, answer.write_answer(model.predict(data, params), era)
    except Damaged:
        raise  # savor's fault, not the model's
    except (Exception, SystemExit) as e:
        return channel.ERROR, report(e)


def load(link, path):
    from savor_worker.model import load_model

    try:
        return load_model(path)
    except (Exception, SystemExit) as e:
        message = "%s: %s" % (type(e).__name__, e)
        traceback.print_exc()
        link.send(channel.FAILED, 0, answer.write_error(RAISED, "", message))
        sys.exit(1)


def say_ready(link, model, flags=0):
    facts = model.facts.encode("utf-8")
    link.send(channel.READY, 0, [facts + b" " * (-len(facts) % 8)], flags)


def answer_forever(link, model, era):
    while True:
        message = link.receive()
        if message is None:
            return
        kind, ident, body, _ = message
        if kind != channel.PREDICT:
            raise channel.Broken("savor sent a message of kind %d" % kind)
        try:
            out, pieces = answer_request(model, body, era)
            del message, body  # else its memory is in use
            link.send(out, ident, pieces)
        finally:
            sys.stdout.flush()


def load_as_parent(link, path):
    """The model, and the link of a worker: this process, or one that it has forked. No link: savor has gone."""
    import savor_worker.request  # noqa: F401  what workers need is loaded once, too

    chance = parent.Chance()
    model = load(link, path)
    why = parent.why_not_fork()
    if why:
        print("each worker loads the model itself: %s" % why, flush=True)
        return model, link
    say_ready(link, model, channel.PARENT)
    return model, parent.run(link, chance)


def main(argv):
    link, era = channel.Channel(int(argv[1])), int(argv[3])
    home.settle()
    if argv[4:] == ["parent"]:
        model, link = load_as_parent(link, argv[2])
    else:
        model = load(link, argv[2])
    if link is not None:
        say_ready(link, model)
        answer_forever(link, model, era)
